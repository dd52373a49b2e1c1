-- Done is the first entry into a done status (a later comment or a bulk edit does not move it), started the first into
-- one in progress.
with int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_delivery_items_selected as (select * from {{ ref('int_delivery_items_selected') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

entries as (
    select
        ranges.*,
        lag(ranges.status_category) over (partition by ranges.issue_id order by ranges.change_number) as category_before
    from int_issue_statuses_ranged as ranges
),

flow as (
    select
        items.issue_id,
        items.issue_key,
        items.is_bug,
        items.is_not_done,
        items.created_at,
        -- A start that nothing dates is none: at the instant of the next step it would be a cycle time of nothing.
        min(
            case
                when entries.status_category = 'indeterminate' and entries.is_undated is not true
                    then entries.valid_from
            end
        ) as first_started_at,
        min(case when entries.status_category = 'done' then entries.valid_from end) as done_first_at,
        max(
            case
                when entries.status_category = 'done' and entries.category_before is distinct from 'done'
                    then entries.valid_from
            end
        )
            as done_last_at,
        count(case when entries.category_before = 'done' and entries.status_category <> 'done' then 1 end) as reopens
    from int_delivery_items_selected as items
    left join entries on items.issue_id = entries.issue_id
    group by items.issue_id, items.issue_key, items.is_bug, items.is_not_done, items.created_at
)

select
    flow.*,
    policy.not_done_counts or not flow.is_not_done as counts_as_done,
    -- Work that was finished before anyone started it has no cycle time, only a lead time.
    case
        when first_started_at <= done_first_at then {{ milliseconds_between('first_started_at', 'done_first_at') }}
    end as cycle_ms,
    {{ milliseconds_between('created_at', 'done_first_at') }} as lead_ms
from flow
cross join int_policies_read as policy
