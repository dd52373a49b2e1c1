with int_effort_errors_measured as {{ inlined() }} (select * from {{ ref('int_effort_errors_measured') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
dim_team as {{ inlined() }} (select * from {{ ref('dim_team') }}),

-- Of fewer than five people the hours could be somebody's own.
shown as (
    select *, case when logged_heads < 5 then 'too_few' end as reason
    from int_effort_errors_measured
)

select
    false as is_rollup,
    shown.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.is_complete,
    shown.team_id,
    teams.team_name,
    shown.effort_model,
    case when shown.reason is null then cast(shown.logged_fte_days as double) end as logged_fte_days,
    case when shown.reason is null then cast(shown.error_ratio as double) end as error_ratio,
    shown.reason as error_ratio_suppressed_reason,
    least(people.data_as_of, work.data_as_of) as data_as_of,
    least(people.loaded_at, work.loaded_at) as loaded_at
from shown
inner join int_fiscal_periods_begun as periods on shown.fiscal_period = periods.fiscal_period
cross join int_bamboohr_clocks_read as people
cross join int_jira_clocks_read as work
left join dim_team as teams on shown.team_id = teams.team_id
