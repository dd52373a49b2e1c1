with int_work_item_timestamps_attributed as (select * from {{ ref('int_work_item_timestamps_attributed') }}),
int_work_items_flowed as (select * from {{ ref('int_work_items_flowed') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
dim_product as (select * from {{ ref('dim_product') }}),
dim_team as (select * from {{ ref('dim_team') }}),

timestamps as (
    select
        attributed.*, flow.is_bug, flow.is_not_done, flow.cycle_ms, flow.lead_ms,
        attributed.timestamp_type = 'done' and flow.counts_as_done as is_done
    from int_work_item_timestamps_attributed as attributed
    inner join int_work_items_flowed as flow on attributed.issue_id = flow.issue_id
    where attributed.timestamp_type <> 'now'
),

figures as (
    select
        week_start_date,
        product_id,
        team_id,
        count(case when is_done then 1 end) as issues_done,
        count(case when is_done and is_bug then 1 end) as bugs_done,
        -- Also where they do not count as done: how many there are must not depend on the switch.
        count(case when timestamp_type = 'done' and is_not_done then 1 end) as issues_not_done,
        coalesce(sum(case when is_done then weight end), 0) as throughput_split,
        count(case when timestamp_type = 'in_progress' then 1 end) as issues_in_progress,
        coalesce(sum(case when timestamp_type = 'in_progress' then weight end), 0) as wip_split,
        count(case when timestamp_type = 'reopened' then 1 end) as issues_reopened,
        count(case when is_done then cycle_ms end) as cycle_n,
        -- Exact, in millionths of an hour, halves upwards.
        {{ whole_quotient(
            "coalesce(sum(case when is_done then " ~ whole('weight * 1000000') ~ " * cycle_ms end), 0)"
            ~ " + 1800000", 3600000
        ) }} as cycle_sum,
        {{ quantile("case when is_done then cycle_ms end", 0.5) }} / 3600000.0 as cycle_median_hours,
        {{ quantile("case when is_done then cycle_ms end", 0.85) }} / 3600000.0 as cycle_p85_hours,
        count(case when is_done then lead_ms end) as lead_n,
        {{ quantile("case when is_done then lead_ms end", 0.5) }} / 3600000.0 as lead_median_hours,
        {{ quantile("case when is_done then lead_ms end", 0.85) }} / 3600000.0 as lead_p85_hours
    from timestamps
    group by week_start_date, product_id, team_id
)

select
    false as is_rollup,
    figures.week_start_date,
    cast(figures.week_start_date + interval '7' day as date) <= clock.local_date as is_complete,
    figures.product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    figures.team_id,
    teams.team_name,
    figures.issues_done,
    figures.bugs_done,
    figures.issues_not_done,
    figures.issues_done as throughput,
    cast(figures.throughput_split as decimal(18, 6)) as throughput_split,
    figures.issues_in_progress,
    figures.issues_in_progress as wip,
    cast(figures.wip_split as decimal(18, 6)) as wip_split,
    figures.issues_reopened,
    figures.cycle_n,
    cast(cast(figures.cycle_sum as decimal(18, 0)) * 0.000001 as decimal(18, 6)) as cycle_hours_split,
    figures.cycle_median_hours,
    figures.cycle_p85_hours,
    figures.lead_n,
    figures.lead_median_hours,
    figures.lead_p85_hours,
    clock.data_as_of,
    clock.loaded_at
from figures
cross join int_jira_clocks_read as clock
left join dim_product as products on figures.product_id = products.product_id
left join dim_team as teams on figures.team_id = teams.team_id
