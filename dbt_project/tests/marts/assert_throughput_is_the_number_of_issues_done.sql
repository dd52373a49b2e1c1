-- The control counts issues, not timestamps or shares.
{% set means %}
Red: over products and teams, throughput is not the number of issues done in the week, or work in progress not the
number in progress: somebody's work is shown twice or not at all.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_delivery'}}, 'description': means}) }}
with shown as (
    select week_start_date, sum(throughput_split) as throughput, sum(wip_split) as wip
    from {{ ref('mart_delivery') }}
    group by week_start_date
),

done as (
    select
        cast(
            {{ dbt.date_trunc('week', to_local('flow.done_first_at', 'clock.reporting_time_zone')) }} as date
        ) as week_start_date,
        count(*) as issues
    from {{ ref('int_work_items_flowed') }} as flow
    cross join {{ ref('int_jira_clocks_read') }} as clock
    where flow.done_first_at is not null
    group by 1
),

in_progress as (
    select weeks.week_start_date, count(distinct ranges.issue_id) as issues
    from {{ ref('int_weeks_spined') }} as weeks
    inner join {{ ref('int_issue_statuses_ranged') }} as ranges
        on ranges.valid_from < weeks.ends_at and weeks.ends_at <= {{ range_end('ranges') }}
    inner join {{ ref('int_delivery_items_selected') }} as items on ranges.issue_id = items.issue_id
    where ranges.status_category = 'indeterminate'
    group by weeks.week_start_date
)

select
    weeks.week_start_date, shown.throughput, done.issues as issues_done, shown.wip,
    in_progress.issues as issues_in_progress
from {{ ref('int_weeks_spined') }} as weeks
left join shown on weeks.week_start_date = shown.week_start_date
left join done on weeks.week_start_date = done.week_start_date
left join in_progress on weeks.week_start_date = in_progress.week_start_date
where coalesce(shown.throughput, 0) <> coalesce(done.issues, 0)
    or coalesce(shown.wip, 0) <> coalesce(in_progress.issues, 0)
