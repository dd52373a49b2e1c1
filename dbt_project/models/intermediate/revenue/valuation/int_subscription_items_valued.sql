-- What an item brings by the month, exactly, before credits: what its term's own bill says, less the discounts with
-- which the term began and the tax in it, by the month. What changed within a term costs its unit price, what no bill
-- states the item's price. A term of whole months is divided by them, any other one counts 365 / (12 x its days) times.
-- Discounts are taken off one after the other, never below nothing.
with recursive int_subscription_items_ranged as (select * from {{ ref('int_subscription_items_ranged') }}),
int_statement_terms_measured as (select * from {{ ref('int_statement_terms_measured') }}),
int_item_prices_resolved as (select * from {{ ref('int_item_prices_resolved') }}),
int_price_quantities_valued as (select * from {{ ref('int_price_quantities_valued') }}),
int_included_taxes_resolved as (select * from {{ ref('int_included_taxes_resolved') }}),
int_invoice_discounts_resolved as (select * from {{ ref('int_invoice_discounts_resolved') }}),

begun as (
    select
        items.subscription_id, items.subscription_item_id, items.price_id, items.quantity, items.valid_from,
        items.valid_to,
        coalesce(own.product_key, prices.product_key) as product_key,
        coalesce(own.currency, prices.currency) as currency,
        coalesce(term.invoice_id, case when not own.is_change then own.invoice_id end, items.subscription_id)
            as discounted_by,
        term.statement_id is not null as is_billed,
        -- Of a few days the tax is rounded, too, so the whole term's share says it better.
        {% for part in ['untaxed_numerator', 'untaxed_denominator'] %}
        case
            when within.untaxed_denominator > 0 then within.{{ part }}
            when own.untaxed_denominator > 0 then own.{{ part }}
            else taxes.{{ part }}
        end as {{ part }},
        {% endfor %}
        prices.unit_amount_decimal as price_unit,
        own.unit_amount_decimal as stated_unit,
        own.amount_minor as stated_minor,
        own.days as stated_days,
        prices.interval_unit,
        prices.interval_count,
        case
            when not own.is_change and own.amount_minor <> 0 then 'term'
            when own.is_change and own.unit_amount_decimal is not null and prices.tiers is null
                and prices.divide_quantity_by is null then 'unit'
            when costs.price_id is not null and prices.currency = coalesce(own.currency, prices.currency) then 'price'
            when own.statement_id is not null then 'part'
        end as evidence,
        costs.term_numerator as cost_numerator,
        costs.term_denominator as cost_denominator,
        {{ reduced('quantity', trillionths('items.quantity'), trillion()) }},
        -- The term's own bill says how long a term is, also for what changed within it.
        case when own.is_change then within.days else own.days end as days,
        case when own.is_change then within.months else own.months end as months,
        case when own.is_change then within.is_of_months else own.is_of_months end as is_of_months,
        coalesce(case when own.is_change then within.amount_minor else own.amount_minor end, 0) <> 0 as is_term_known
    from int_subscription_items_ranged as items
    inner join int_item_prices_resolved as prices
        on items.subscription_item_id = prices.subscription_item_id and items.price_id = prices.price_id
    left join int_included_taxes_resolved as taxes
        on items.subscription_item_id = taxes.subscription_item_id and items.price_id = taxes.price_id
    left join int_statement_terms_measured as own on items.statement_id = own.statement_id
    left join int_statement_terms_measured as term on items.term_statement_id = term.statement_id
    left join int_statement_terms_measured as within
        on items.term_statement_id = within.statement_id and items.subscription_item_id = within.subscription_item_id
        and items.price_id = within.price_id and not within.is_change
    left join int_price_quantities_valued as costs
        on items.subscription_item_id = costs.subscription_item_id and items.price_id = costs.price_id
        and items.quantity = costs.quantity
),

-- A price may have been made anew for another term than that of the bill. A part of a term at a price that nobody knows
-- is a term of its own.
termed as (
    select
        *,
        case
            when evidence = 'part' then 'days'
            when interval_unit is not null and (
                not is_term_known
                or case interval_unit
                    when 'year' then days between 365 * interval_count and 366 * interval_count
                    when 'month' then days between 28 * interval_count and 31 * interval_count
                    when 'week' then days = 7 * interval_count
                    when 'day' then days = interval_count
                end
            ) then 'price'
            when not coalesce(is_of_months and months > 0, false) then 'days'
            when months % 12 = 0 then 'years'
            else 'months'
        end as term_kind
    from begun
),

priced as (
    select
        subscription_id, subscription_item_id, price_id, product_key, currency, quantity, valid_from, valid_to,
        discounted_by, is_billed, coalesce(stated_unit, price_unit) as unit_amount_decimal,
        case when untaxed_denominator > 0 then untaxed_numerator else 1 end as untaxed_numerator,
        case when untaxed_denominator > 0 then untaxed_denominator else 1 end as untaxed_denominator,
        case term_kind when 'price' then interval_unit when 'days' then 'day' when 'months' then 'month' else 'year' end
            as interval_unit,
        case term_kind
            when 'price' then interval_count
            when 'days' then greatest(coalesce(case when evidence <> 'part' then days end, stated_days), 1)
            when 'months' then months
            else {{ whole_quotient('months', '12') }}
        end as interval_count,
        case evidence
            when 'term' then {{ whole('stated_minor') }}
            when 'unit' then {{ trillionths('stated_unit') }} * {{ whole('quantity_numerator') }}
            when 'price' then {{ whole('cost_numerator') }}
            when 'part' then {{ whole('abs(stated_minor)') }}
        end as term_numerator,
        case evidence
            when 'unit' then {{ whole(trillion()) }} * {{ whole('quantity_denominator') }}
            when 'price' then {{ whole('cost_denominator') }}
            else 1
        end as term_denominator
    from termed
),

-- A sum off a contract whose bills are not known is shared over its items by their prices.
weighed as (
    select
        *,
        {{ half_even('term_numerator', 'term_denominator') }} as weight,
        sum({{ half_even('term_numerator', 'term_denominator') }}) over (
            partition by subscription_id, discounted_by, valid_from
        ) as weights
    from priced
),

discounts as (
    select
        items.subscription_item_id,
        items.valid_from,
        {{ whole('discounts.left_numerator') }} as left_numerator,
        {{ whole('discounts.left_denominator') }} as left_denominator,
        {{ whole('discounts.amount_off_minor') }}
        * case when items.discounted_by = items.subscription_id and discounts.subscription_item_id is null
            then items.weight else 1 end as off_numerator,
        case when items.discounted_by = items.subscription_id and discounts.subscription_item_id is null
            then greatest(items.weights, 1) else 1 end as off_denominator,
        row_number() over (
            partition by items.subscription_item_id, items.valid_from
            order by discounts.discount_number, discounts.discount_id
        ) as step
    from weighed as items
    inner join int_invoice_discounts_resolved as discounts
        on items.discounted_by = discounts.source_id
        and items.product_key = coalesce(discounts.product_id, items.product_key)
        and items.subscription_item_id = coalesce(discounts.subscription_item_id, items.subscription_item_id)
        -- Of a time before the first known bill nobody knows more than when a discount began.
        and (items.is_billed or coalesce(discounts.starts_at, items.valid_from) <= items.valid_from)
),

discounted as (
    select subscription_item_id, valid_from, 0 as step, term_numerator as numerator, term_denominator as denominator
    from weighed
    union all
    select
        earlier.subscription_item_id,
        earlier.valid_from,
        earlier.step + 1,
        greatest(
            earlier.numerator * discounts.left_numerator * discounts.off_denominator
                - discounts.off_numerator * earlier.denominator * discounts.left_denominator,
            {{ whole('0') }}
        ),
        earlier.denominator * discounts.left_denominator * discounts.off_denominator
    from discounted as earlier
    inner join discounts
        on earlier.subscription_item_id = discounts.subscription_item_id and earlier.valid_from = discounts.valid_from
        and discounts.step = earlier.step + 1
),

discounted_at_last as (
    select *, row_number() over (partition by subscription_item_id, valid_from order by step desc) as choice
    from discounted
),

by_month as (
    select
        items.*,
        {{ half_even('items.term_numerator * items.untaxed_numerator',
            'items.term_denominator * items.untaxed_denominator') }} as term_amount_minor,
        {{ half_even('discounted.numerator * items.untaxed_numerator',
            'discounted.denominator * items.untaxed_denominator') }} as discounted_minor,
        discounted.numerator * items.untaxed_numerator
        * case when items.interval_unit in ('day', 'week') then 365 else 1 end as numerator,
        discounted.denominator * items.untaxed_denominator * items.interval_count
        * case items.interval_unit
            when 'month' then 1
            when 'year' then 12
            when 'week' then 12 * 7
            when 'day' then 12
        end as denominator
    from weighed as items
    inner join discounted_at_last as discounted
        on items.subscription_item_id = discounted.subscription_item_id and items.valid_from = discounted.valid_from
        and discounted.choice = 1
)

select
    subscription_id,
    subscription_item_id,
    product_key,
    price_id,
    currency,
    quantity,
    valid_from,
    valid_to,
    interval_unit,
    cast(interval_count as bigint) as interval_count,
    unit_amount_decimal,
    term_amount_minor,
    term_amount_minor - discounted_minor as term_discount_minor,
    {{ reduced('monthly', 'numerator', 'denominator') }}
from by_month
