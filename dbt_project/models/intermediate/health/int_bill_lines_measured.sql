{% set bounds = {
    'least': 'is_of_months and months > 0',
    'greatest': "is_of_months and months > 0 and term_ms <> 2419200000",
} %}
-- What each line of a bill comes to by the month, by its amount and its days alone: no rule of the contracts is used
-- twice, but for the tax in a change that waits for its bill, of which it says nothing itself. At the least and at the
-- most, because nobody knows of each discount whether it recurs.
with int_bills_asked as (select * from {{ ref('int_bills_asked') }}),
int_included_taxes_resolved as (select * from {{ ref('int_included_taxes_resolved') }}),
stg_stripe__coupons as (select * from {{ ref('stg_stripe__coupons') }}),
stg_stripe__invoice_discounts as (select * from {{ ref('stg_stripe__invoice_discounts') }}),
stg_stripe__invoice_items as (select * from {{ ref('stg_stripe__invoice_items') }}),
stg_stripe__invoice_line_discounts as {{ inlined() }} (select * from {{ ref('stg_stripe__invoice_line_discounts') }}),
stg_stripe__invoice_lines as {{ inlined() }} (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),

-- A discount recurs if its coupon says so, or if it was on more invoices than one; of what no coupon is known of any
-- more and one invoice alone had, nobody knows.
discounts as (
    select
        of_lines.invoice_line_id,
        sum(case when is_lasting = 1 then of_lines.amount_minor else 0 end) as lasting_minor,
        sum(case when is_lasting is null then of_lines.amount_minor else 0 end) as unknown_minor
    from stg_stripe__invoice_line_discounts as of_lines
    left join (
        select
            billed.discount_id,
            case
                when count(distinct billed.invoice_id) > 1 or max(coupons.duration) <> 'once' then 1
                when max(coupons.duration) = 'once' then 0
            end as is_lasting
        from stg_stripe__invoice_line_discounts as billed
        left join stg_stripe__invoice_discounts as given
            on billed.invoice_id = given.invoice_id and billed.discount_id = given.discount_id
        left join stg_stripe__coupons as coupons on given.coupon_id = coupons.coupon_id
        group by billed.discount_id
    ) as known on of_lines.discount_id = known.discount_id
    group by of_lines.invoice_line_id
),

-- A bill that nobody was asked to pay may have been written anew by hand, to the same customer: over the same amount,
-- or for the same product and days.
written_anew as (
    select
        voided.invoice_line_id, by_hand.amount_minor, by_hand.discount_minor, by_hand.included_tax_minor,
        row_number() over (
            partition by voided.invoice_line_id
            order by abs(by_hand.amount_minor - voided.amount_minor), by_hand.invoice_line_id
        ) as choice
    from int_bills_asked as bills
    inner join stg_stripe__invoice_lines as voided on bills.invoice_id = voided.invoice_id
    inner join stg_stripe__invoices as invoices
        on bills.customer_id = invoices.customer_id and invoices.status in ('paid', 'open')
        and bills.created_at <= invoices.created_at and invoices.created_at < voided.service_ends_at
    inner join stg_stripe__invoice_lines as by_hand
        on invoices.invoice_id = by_hand.invoice_id and by_hand.subscription_id is null and by_hand.amount_minor > 0
        and voided.currency = by_hand.currency
        and (
            voided.amount_minor = by_hand.amount_minor
            or (
                voided.product_id = by_hand.product_id
                and cast(voided.service_starts_at as date) = cast(by_hand.service_starts_at as date)
                and cast(voided.service_ends_at as date) = cast(by_hand.service_ends_at as date)
            )
        )
    where not bills.is_asked
),

-- Terms billed in advance, and what gives back or charges a part of one; use is billed when it is over. Each line
-- without its tax, less the discounts that recur, and less those too of which nobody knows.
lines as (
    select
        lines.subscription_id, lines.subscription_item_id, lines.currency, lines.is_proration, bills.paid_at,
        bills.status = 'paid' as is_paid,
        bills.is_asked or anew.invoice_line_id is not null as is_asked,
        lines.service_starts_at, lines.service_ends_at, coalesce(anew.amount_minor, lines.amount_minor) as amount_minor,
        {% for name, discount, anew in [('net', 'lasting_minor + discounts.unknown_minor', ' - anew.discount_minor'),
            ('lasting', 'lasting_minor', '')] %}
        coalesce(anew.amount_minor - anew.included_tax_minor{{ anew }}, {{ half_even(
            '(lines.amount_minor - coalesce(discounts.' ~ discount ~ ', 0)) * case when lines.amount_minor = '
            ~ 'lines.discount_minor then 1 else abs(lines.amount_minor - lines.discount_minor - '
            ~ 'lines.included_tax_minor) end',
            'greatest(abs(lines.amount_minor - lines.discount_minor), 1)'
        ) }}) as {{ name }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from stg_stripe__invoice_lines as lines
    inner join int_bills_asked as bills on lines.invoice_id = bills.invoice_id
    left join discounts on lines.invoice_line_id = discounts.invoice_line_id
    left join written_anew as anew on lines.invoice_line_id = anew.invoice_line_id and anew.choice = 1
    where lines.subscription_item_id is not null and lines.service_starts_at < lines.service_ends_at
        and (lines.is_proration or lines.service_ends_at > bills.created_at)
    union all
    select
        items.subscription_id, items.subscription_item_id, items.currency, true, items.created_at, true, true,
        items.service_starts_at, items.service_ends_at, items.amount_minor,
        {% for name in ['net', 'lasting'] %}
        {{ half_even('items.amount_minor * coalesce(taxes.untaxed_numerator, 1)',
            'coalesce(taxes.untaxed_denominator, 1)') }} as {{ name }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from stg_stripe__invoice_items as items
    left join int_included_taxes_resolved as taxes
        on items.subscription_item_id = taxes.subscription_item_id and items.price_id = taxes.price_id
    where items.invoice_id is null and items.is_proration and items.subscription_item_id is not null
        and items.service_starts_at < items.service_ends_at
),

-- The same amount in the term that follows: nothing changed for good in between.
terms as (
    select
        subscription_id, subscription_item_id, service_starts_at, service_ends_at,
        sum(amount_minor) = lead(sum(amount_minor)) over (
            partition by subscription_item_id order by service_starts_at
        ) as is_steady
    from lines
    where not is_proration
    group by subscription_id, subscription_item_id, service_starts_at, service_ends_at
),

-- A part of a term is as long as the term that ends with it: the item's own, or the contract's where all are one.
contract_terms as (
    select subscription_id, service_ends_at, min(service_starts_at) as service_starts_at
    from terms
    group by subscription_id, service_ends_at
    having min(service_starts_at) = max(service_starts_at)
),

termed as (
    select
        lines.*, own.is_steady,
        coalesce(own.service_starts_at, of_contract.service_starts_at) as term_starts_at
    from lines
    left join terms as own
        on lines.subscription_item_id = own.subscription_item_id and lines.service_ends_at = own.service_ends_at
        and own.service_starts_at <= lines.service_starts_at
    left join contract_terms as of_contract
        on lines.subscription_id = of_contract.subscription_id and lines.service_ends_at = of_contract.service_ends_at
        and of_contract.service_starts_at <= lines.service_starts_at
),

measured as (
    select
        *,
        {{ whole(milliseconds_between('term_starts_at', 'service_ends_at')) }} as term_ms,
        {{ whole(milliseconds_between('service_starts_at', 'service_ends_at')) }} as line_ms,
        cast({{ dbt.datediff('term_starts_at', 'service_ends_at', 'month') }} as bigint) as months,
        -- From one day of a month to the same of another one, which may have no such day.
        extract(day from service_ends_at) = extract(day from term_starts_at)
        or (
            extract(day from service_ends_at) < extract(day from term_starts_at)
            and cast(service_ends_at as date) = {{ dbt.last_day('service_ends_at', 'month') }}
        )
        or (
            extract(day from service_ends_at) > extract(day from term_starts_at)
            and cast(term_starts_at as date) = {{ dbt.last_day('term_starts_at', 'month') }}
        ) as is_of_months
    from termed
)

-- By the month, as MRR: a term of whole months is divided by them, another one is a share of the year. Four weeks may
-- be either in February.
select
    subscription_id, subscription_item_id, currency, is_proration, is_paid, is_asked, is_steady, paid_at,
    service_starts_at, service_ends_at, amount_minor,
    {% for bound, is_of_months in bounds.items() %}
    {{ half_even(
        bound ~ '(net_minor, lasting_minor) * case when ' ~ is_of_months ~ ' then term_ms else '
        ~ whole('31536000000') ~ ' end',
        'line_ms * case when ' ~ is_of_months ~ ' then months else 12 end'
    ) }} as {{ bound }}_minor,
    {% endfor %}
    case when is_proration then {{ whole_quotient('term_ms', 'line_ms') }} else 0 end as times_as_long
from measured
where term_starts_at is not null
