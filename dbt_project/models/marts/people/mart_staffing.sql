with int_heads_counted as (select * from {{ ref('int_heads_counted') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
dim_team as {{ inlined() }} (select * from {{ ref('dim_team') }})

select
    false as is_rollup,
    heads.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.is_complete,
    heads.team_id,
    teams.team_name,
    heads.function_name,
    heads.headcount,
    cast(heads.opening_headcount + heads.headcount as double) / 2 as average_headcount,
    cast(heads.fte as double) as fte,
    cast(heads.fte_days as double) as fte_days,
    case policy.fte_average
        when 'ends' then cast(heads.opening_fte + heads.fte as double) / 2
        else cast(heads.fte_days as double)
            / ({{ dbt.datediff('periods.first_date', 'periods.as_of_date', 'day') }} + 1)
    end as average_fte,
    clock.data_as_of,
    clock.loaded_at
from int_heads_counted as heads
inner join int_fiscal_periods_begun as periods on heads.fiscal_period = periods.fiscal_period
cross join int_bamboohr_clocks_read as clock
cross join int_policies_read as policy
left join dim_team as teams on heads.team_id = teams.team_id
