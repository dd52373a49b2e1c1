{% set grains = ['week', 'month'] %}
with int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
fct_event_daily as {{ inlined() }} (select * from {{ ref('fct_event_daily') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
dim_product as (select * from {{ ref('dim_product') }}),

clock as (
    select * from int_amplitude_clocks_read
),

periods as (
    {% for grain in grains %}
    select distinct
        '{{ grain }}' as cohort_grain, facts.product_id, facts.canonical_user_id,
        cast({{ dbt.date_trunc(grain, 'facts.activity_date') }} as date) as period_start_date
    from fct_event_daily as facts
    inner join clock on facts.activity_date <= clock.last_date
    where facts.is_active and not facts.is_bot and not facts.is_internal
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

users as (
    select
        *, min(period_start_date) over (partition by cohort_grain, product_id, canonical_user_id) as cohort_start_date
    from periods
),

aged as (
    select
        cohort_grain, product_id, cohort_start_date, canonical_user_id,
        case cohort_grain
            {% for grain in grains %}when '{{ grain }}' then {{ dbt.datediff('cohort_start_date', 'period_start_date',
                grain) }} {% endfor %}
        end as age
    from users
),

-- Each user once per age they came back at, and once at the last of them.
returns as (
    select cohort_grain, product_id, cohort_start_date, age, count(*) as users, 0 as last_seen
    from aged group by 1, 2, 3, 4
    union all
    select cohort_grain, product_id, cohort_start_date, last_age, 0, count(*)
    from (
        select cohort_grain, product_id, cohort_start_date, canonical_user_id, max(age) as last_age
        from aged group by 1, 2, 3, 4
    ) as last_ages
    group by 1, 2, 3, 4
),

ages as (
    {% for age in range(13) %}select {{ age }} as age {{ 'union all' if not loop.last }} {% endfor %}
),

cells as (
    select
        returns.cohort_grain, returns.product_id, returns.cohort_start_date, ages.age,
        case returns.cohort_grain
            {% for grain in grains %}when '{{ grain }}' then cast(
                {{ dbt.dateadd(grain, 'ages.age', 'returns.cohort_start_date') }} as date
            ) {% endfor %}
        end as period_start_date,
        case returns.cohort_grain
            {% for grain in grains %}when '{{ grain }}' then cast(
                {{ dbt.dateadd(grain, 'ages.age + 1', 'returns.cohort_start_date') }} as date
            ) {% endfor %}
        end as next_start_date,
        sum(returns.last_seen) as users_eligible,
        sum(case when returns.age = ages.age then returns.users else 0 end) as users_retained,
        sum(case when returns.age >= ages.age then returns.last_seen else 0 end) as users_retained_unbounded
    from returns
    cross join ages
    group by 1, 2, 3, 4
),

rolled_up as (
    {{ rolled_up('cells', 'period_start_date') }}
)

select
    rolled_up.product_id is not null as is_rollup,
    cells.cohort_grain,
    cells.cohort_start_date,
    cells.product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    cast(cells.age as bigint) as age,
    cells.period_start_date,
    cells.next_start_date <= clock.last_date as is_complete,
    cast(cells.users_eligible as bigint) as users_eligible,
    cast(cells.users_retained as bigint) as users_retained,
    cast(cells.users_retained_unbounded as bigint) as users_retained_unbounded,
    {{ guarded('retention_ratio', 'cells.users_retained', 'cells.users_eligible', 'cells.users_eligible', 'no_users',
        unless="case when cells.next_start_date > clock.last_date then 'not_complete' end") }},
    clock.data_as_of,
    clock.loaded_at
from cells
inner join clock on cells.period_start_date <= clock.last_date
cross join int_policies_read as policy
left join rolled_up on cells.product_id = rolled_up.product_id and cells.period_start_date = rolled_up.period_start_date
left join dim_product as products on cells.product_id = products.product_id
