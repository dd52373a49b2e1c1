-- How a product's prices moved at a fixed mix: Fisher's index from period to period over the cells that both have,
-- chained. A chain without a link begins anew.
with cells as (
    select
        fiscal_period, product_id, product_key, interval_unit, interval_count, currency, segment, market,
        {{ steady_sum('unit_price * quantity') }} / sum(quantity) as price,
        cast(sum(invoice_plan_minor) as double) as weight
    from {{ ref('fct_price_observation') }}
    group by 1, 2, 3, 4, 5, 6, 7, 8
    having sum(invoice_plan_minor) > 0
),

links as (
    select
        new.fiscal_period, new.product_id,
        sqrt(
            {{ steady_sum('old.weight * new.price / old.price') }} / sum(old.weight)
            * sum(new.weight) / {{ steady_sum('new.weight * old.price / new.price') }}
        ) as link
    from cells as new
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on new.fiscal_period = periods.fiscal_period
    inner join cells as old
        on periods.prior_fiscal_period = old.fiscal_period and new.product_id = old.product_id
        and new.product_key = old.product_key
        and new.interval_unit = old.interval_unit and new.interval_count = old.interval_count
        and new.currency = old.currency
        and new.segment = old.segment and new.market = old.market
    group by new.fiscal_period, new.product_id
),

chains as (
    select
        seen.fiscal_period, seen.product_id, periods.first_date, links.link,
        count(case when links.link is null then 1 end) over (
            partition by seen.product_id order by periods.first_date
        ) as chain
    from (select distinct fiscal_period, product_id from {{ ref('fct_price_observation') }}) as seen
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on seen.fiscal_period = periods.fiscal_period
    left join links on seen.fiscal_period = links.fiscal_period and seen.product_id = links.product_id
)

select
    fiscal_period,
    product_id,
    exp({{ steady_sum('ln(coalesce(link, 1))', 'over so_far') }}) as price_index,
    first_value(fiscal_period) over so_far as base_fiscal_period
from chains
window so_far as (partition by product_id, chain order by first_date)
