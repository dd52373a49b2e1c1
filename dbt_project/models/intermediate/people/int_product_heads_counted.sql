-- Counts of a product and function leave the restricted database, no human and no pay. Whoever works for a team works
-- for its products, by the shares of the day; whom a team serves as a whole is nobody's product. The beginning of a
-- period is the last day before it.
with int_worker_days_placed as (select * from {{ ref('int_worker_days_placed') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),

heads as (
    select
        work_date, fiscal_period, team_id, lower(function_name) as function_name,
        count(*) as headcount, sum(fte) as fte
    from int_worker_days_placed
    where is_head
    group by 1, 2, 3, 4
),

placed as (
    select
        heads.work_date, heads.fiscal_period, heads.function_name,
        case
            when shares.product_id is null or shares.product_id = 'OVERHEAD' then 'UNALLOCATED'
            else shares.product_id
        end as product_id,
        heads.headcount,
        {{ whole('heads.fte * 1000000') }} * coalesce(shares.share_millionths, 1000000) as trillionths
    from heads
    left join int_team_products_ranged as shares
        on heads.team_id = shares.team_id and {{ valid_on('shares', 'heads.work_date') }}
    where coalesce(shares.share_millionths, 1) > 0
),

ends as (
    select
        placed.fiscal_period, placed.product_id, placed.function_name,
        sum(case when placed.work_date = periods.as_of_date then placed.headcount else 0 end) as headcount,
        sum(case when placed.work_date = periods.as_of_date then placed.trillionths else 0 end) as trillionths,
        0 as opening_trillionths,
        sum(placed.trillionths) as day_trillionths
    from placed
    inner join int_fiscal_periods_begun as periods on placed.fiscal_period = periods.fiscal_period
    group by 1, 2, 3
    union all
    select periods.fiscal_period, placed.product_id, placed.function_name, 0, 0, sum(placed.trillionths), 0
    from int_fiscal_periods_begun as periods
    inner join placed on {{ dbt.dateadd('day', -1, 'periods.first_date') }} = placed.work_date
    group by 1, 2, 3
)

select
    fiscal_period,
    product_id,
    function_name,
    cast(sum(headcount) as bigint) as headcount,
    {% for name, trillionths in [('fte', 'trillionths'), ('opening_fte', 'opening_trillionths'),
        ('fte_days', 'day_trillionths')] %}
    cast(cast(sum({{ trillionths }}) as decimal(26, 0)) * 0.000000000001 as decimal(38, 12)) as {{ name }}{{
        ',' if not loop.last }}
    {% endfor %}
from ends
group by 1, 2, 3
