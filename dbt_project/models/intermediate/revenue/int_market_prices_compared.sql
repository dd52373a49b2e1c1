-- A product's prices in a market by those in its other markets, among items of the same segment, billing product and term: differences of mean logarithms,
-- weighted as a regression with a constant for each such group would, and the half width of their 90 % interval by the variance that they have in common.
with groups as (
    select
        fiscal_period, product_id, segment, product_key, interval_unit, interval_count, market,
        count(*) as n, avg(ln(unit_price_plan)) as middle, var_pop(ln(unit_price_plan)) * count(*) as spread
    from {{ ref('fct_price_observation') }}
    group by 1, 2, 3, 4, 5, 6, 7
),

pairs as (
    select
        own.*, others.n as other_n, others.middle as other_middle, others.spread as other_spread,
        sum(others.n * others.middle) over by_group / sum(others.n) over by_group as reference_middle
    from groups as own
    inner join groups as others
        on own.fiscal_period = others.fiscal_period and own.product_id = others.product_id and own.segment = others.segment
        and own.product_key = others.product_key and own.interval_unit = others.interval_unit and own.interval_count = others.interval_count
        and own.market <> others.market
    window by_group as (
        partition by own.fiscal_period, own.product_id, own.segment, own.product_key, own.interval_unit, own.interval_count, own.market
    )
),

matched as (
    select
        fiscal_period, product_id, market, n, sum(other_n) as reference_n, middle - reference_middle as gap,
        spread + sum(other_spread + other_n * power(other_middle - reference_middle, 2)) as spread,
        cast(n as double) * sum(other_n) / (n + sum(other_n)) as weight
    from pairs
    group by fiscal_period, product_id, market, segment, product_key, interval_unit, interval_count, n, middle, reference_middle, spread
),

sums as (
    select
        fiscal_period, product_id, market,
        cast(sum(n) as bigint) as market_observations, cast(sum(reference_n) as bigint) as reference_observations,
        sum(weight * gap) / sum(weight) as gap, sum(weight) as weight, sum(spread) as spread,
        sum(n) + sum(reference_n) - 2 * count(*) as freedom
    from matched
    group by fiscal_period, product_id, market
)

select
    fiscal_period,
    product_id,
    market,
    market_observations,
    reference_observations,
    cast(freedom as bigint) as degrees_of_freedom,
    gap as log_difference,
    case when freedom > 0 then {{ student_quantile('freedom') }} * sqrt(spread / freedom / weight) end as half_width
from sums
