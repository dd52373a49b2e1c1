-- A bundle is compared with what its products are listed at one by one. Each of its amounts is shared out over them on
-- its own.
with int_items_priced as (select * from {{ ref('int_items_priced') }}),
int_list_prices_matched as (select * from {{ ref('int_list_prices_matched') }}),
currencies as (select * from {{ ref('currencies') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),

parts as (
    select
        items.*, count(*) over by_item as products, matched.product_id, matched.weight, matched.customer_id,
        matched.segment, matched.market,
        case
            when count(matched.list_price) over by_item = count(*) over by_item
                then {{ half_even(
                    whole('sum(matched.list_price) over by_item * 1000000') ~ ' * ' ~ trillionths('items.quantity')
                        ~ ' * cast(power(10, currencies.minor_unit_exponent) as bigint)',
                    '1000000 * ' ~ whole(trillion())
                ) }}
        end as list_minor
    from int_items_priced as items
    inner join int_list_prices_matched as matched
        on items.fiscal_period = matched.fiscal_period and items.subscription_item_id = matched.subscription_item_id
    inner join currencies as currencies on items.currency = currencies.currency
    window by_item as (partition by items.fiscal_period, items.subscription_item_id)
),

amounts as (
    {% for amount in priced_amounts() %}
    select
        fiscal_period, subscription_item_id, product_id, cast(weight * 1000000 as bigint) as weight,
        '{{ amount }}' as amount, {{ amount }}_minor as amount_minor
    from parts
    where products > 1 and {{ amount }}_minor is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

shared as (
    {{ shared_out('amounts', ['fiscal_period', 'subscription_item_id', 'amount'], ['product_id'], 'amount_minor',
        'weight') }}
),

bundled as (
    select
        fiscal_period, subscription_item_id, product_id,
        {% for amount in priced_amounts() %}
        max(case when amount = '{{ amount }}' then shared_minor end) as {{ amount }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from shared
    group by fiscal_period, subscription_item_id, product_id
),

observed as (
    select
        parts.fiscal_period, parts.subscription_item_id, parts.product_id, parts.subscription_id, parts.customer_id,
        parts.segment, parts.market,
        parts.product_key, parts.price_id, parts.interval_unit, parts.interval_count, parts.currency, parts.quantity,
        parts.agreed_date,
        {% for amount in priced_amounts() %}
        {{ at_assumed_price(
            'coalesce(bundled.' ~ amount ~ '_minor, parts.' ~ amount ~ '_minor)'
        ) }} as {{ amount }}_minor,
        {% endfor %}
        {{ at_assumed_unit_price('parts.unit_price') }} as unit_price
    from parts
    left join bundled
        on parts.fiscal_period = bundled.fiscal_period and parts.subscription_item_id = bundled.subscription_item_id
        and parts.product_id = bundled.product_id
    {{ join_assumed_prices('parts') }}
),

converted as (
    select
        observed.*,
        {% for amount in priced_amounts() %}
        {{ half_even(whole('observed.' ~ amount ~ '_minor') ~ ' * rates.plan_numerator',
            'rates.plan_denominator') }} as {{ amount }}_plan_minor,
        {% endfor %}
        cast(rates.plan_numerator as double) / cast(rates.plan_denominator as double) as plan_rate
    from observed
    inner join int_revenue_rates_resolved as rates
        on observed.fiscal_period = rates.fiscal_period and observed.currency = rates.currency
)

select
    *,
    invoice_minor - credit_minor - refund_minor - fee_minor - write_off_minor as pocket_minor,
    invoice_plan_minor - credit_plan_minor - refund_plan_minor - fee_plan_minor
        - write_off_plan_minor as pocket_plan_minor,
    unit_price * plan_rate as unit_price_plan
from converted
