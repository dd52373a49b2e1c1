-- A product's prices in a market by those in its other markets, among items of the same segment, billing product and
-- term: differences of mean logarithms, weighted as a regression with a constant for each such group would, and the
-- half width of their 90 % interval by the variance that they have in common. Compared for each segment and for all of
-- them at once, where a dear mix of segments makes no market dear.
with prices as (
    select
        *, count(*) over alike as n,
        {{ steady_sum('ln(unit_price_plan)', 'over alike') }} / count(*) over alike as middle
    from {{ ref('fct_price_observation') }}
    window alike as (
        partition by fiscal_period, product_id, segment, product_key, interval_unit, interval_count, market
    )
),

groups as (
    select
        fiscal_period, product_id, segment, product_key, interval_unit, interval_count, market, n, middle,
        {{ steady_sum('power(ln(unit_price_plan) - middle, 2)') }} as spread
    from prices
    group by fiscal_period, product_id, segment, product_key, interval_unit, interval_count, market, n, middle
),

pairs as (
    select
        own.*, others.n as other_n, others.middle as other_middle, others.spread as other_spread,
        {{ steady_sum('others.n * others.middle', 'over alike') }} / sum(others.n) over alike as reference_middle
    from groups as own
    inner join groups as others
        on own.fiscal_period = others.fiscal_period and own.product_id = others.product_id
        and own.segment = others.segment
        and own.product_key = others.product_key and own.interval_unit = others.interval_unit
        and own.interval_count = others.interval_count
        and own.market <> others.market
    window alike as (
        partition by own.fiscal_period, own.product_id, own.segment, own.product_key, own.interval_unit,
            own.interval_count, own.market
    )
),

matched as (
    select
        fiscal_period, product_id, segment, market, n, sum(other_n) as reference_n, middle - reference_middle as gap,
        spread + {{ steady_sum('other_spread + other_n * power(other_middle - reference_middle, 2)') }} as spread,
        cast(n as double) * sum(other_n) / (n + sum(other_n)) as weight
    from pairs
    group by fiscal_period, product_id, market, segment, product_key, interval_unit, interval_count, n, middle,
        reference_middle, spread
),

sums as (
    select
        fiscal_period, product_id, market, coalesce(segment, 'ALL') as segment,
        cast(sum(n) as bigint) as market_observations, cast(sum(reference_n) as bigint) as reference_observations,
        {{ steady_sum('weight * gap') }} / {{ steady_sum('weight') }} as gap, {{ steady_sum('weight') }} as weight,
        {{ steady_sum('spread') }} as spread,
        sum(n) + sum(reference_n) - 2 * count(*) as freedom
    from matched
    group by grouping sets ((fiscal_period, product_id, market), (fiscal_period, product_id, market, segment))
)

select
    fiscal_period,
    product_id,
    segment,
    market,
    market_observations,
    reference_observations,
    cast(freedom as bigint) as degrees_of_freedom,
    gap as log_difference,
    case when freedom > 0 then {{ student_quantile('freedom') }} * sqrt(spread / freedom / weight) end as half_width
from sums
