with int_capacities_summed as (select * from {{ ref('int_capacities_summed') }}),
int_team_efforts_summed as (select * from {{ ref('int_team_efforts_summed') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
dim_team as {{ inlined() }} (select * from {{ ref('dim_team') }})

select
    false as is_rollup,
    sums.week_start_date,
    {{ dbt.dateadd('day', 6, 'sums.week_start_date') }} < today.as_of_date as is_complete,
    sums.team_id,
    teams.team_name,
    cast(sums.gross_fte_weeks as double) as gross_fte_weeks,
    cast(sums.holiday_fte_weeks as double) as holiday_fte_weeks,
    cast(sums.leave_fte_weeks as double) as leave_fte_weeks,
    cast(sums.supply_fte_weeks as double) as supply_fte_weeks,
    sums.leave_suppressed_reason,
    {% for work in ['planned', 'unplanned', 'unattributed'] %}
    cast(efforts.{{ work }}_fte_weeks as double) as {{ work }}_fte_weeks,
    {% endfor %}
    {{ guarded('unplanned_ratio', 'efforts.unplanned_fte_weeks',
        '(efforts.planned_fte_weeks + efforts.unplanned_fte_weeks)', none, 'no_work',
        unless="case when efforts.team_id is null then 'too_few' end") }},
    clock.data_as_of,
    clock.loaded_at
from int_capacities_summed as sums
cross join int_bamboohr_clocks_read as clock
cross join (select max(as_of_date) as as_of_date from int_fiscal_periods_begun) as today
left join dim_team as teams on sums.team_id = teams.team_id
left join int_team_efforts_summed as efforts
    on sums.week_start_date = efforts.week_start_date and sums.team_id = efforts.team_id
