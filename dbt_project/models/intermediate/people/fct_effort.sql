-- Every model shares every working day of everybody, and what nothing shares is UNATTRIBUTED: never spread.
with int_effort_ranges_cut as {{ inlined() }} (select * from {{ ref('int_effort_ranges_cut') }}),
int_worker_items_ranged as {{ inlined() }} (select * from {{ ref('int_worker_items_ranged') }}),
int_worker_acts_weighed as (select * from {{ ref('int_worker_acts_weighed') }}),
stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),
stg_files__team_products as (select * from {{ ref('stg_files__team_products') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

ranges as (
    select models.effort_model, ranges.*
    from int_effort_ranges_cut as ranges
    inner join (
        select 'equal_active_day' as effort_model, 'items' as basis
        union all
        select 'story_points', 'items'
        union all
        select 'activity_weighted', 'changes'
        union all
        select 'worklogs', 'worklogs'
        union all
        select 'declared', 'declared'
    ) as models on ranges.basis = models.basis
),

-- Estimates of today: they are corrected as more is known. None, and none above nothing, is as small as the smallest
-- that the worker has in progress.
active as (
    select distinct
        ranges.effort_model, ranges.worker_id, ranges.valid_from, items.work_item_id, items.epic_id,
        items.initiative_id, items.project_key,
        case
            when ranges.effort_model = 'story_points' and issues.story_points between 0.000001 and 1000000
                then {{ whole('cast(issues.story_points as decimal(18, 6)) * 1000000') }}
        end as points
    from ranges
    inner join int_worker_items_ranged as items
        on ranges.worker_id = items.worker_id and {{ valid_on('items', 'ranges.valid_from') }}
    left join stg_jira__issues as issues on items.work_item_id = issues.issue_id
    where ranges.basis in ('items', 'changes')
),

acts as (
    select
        ranges.effort_model, ranges.worker_id, ranges.valid_from, acts.work_item_id, acts.epic_id,
        acts.initiative_id, acts.project_key, acts.weight
    from ranges
    inner join int_worker_acts_weighed as acts
        on ranges.basis = acts.act_type and ranges.worker_id = acts.worker_id and ranges.valid_from = acts.act_date
),

shown as (
    select *, cast(null as {{ dbt.type_string() }}) as product_id from acts
    union all
    select
        active.effort_model, active.worker_id, active.valid_from, active.work_item_id, active.epic_id,
        active.initiative_id, active.project_key,
        coalesce(
            active.points,
            min(active.points) over (partition by active.effort_model, active.worker_id, active.valid_from),
            1
        ),
        null
    from active
    where not exists (
        select 1 from acts
        where acts.effort_model = active.effort_model and acts.worker_id = active.worker_id
            and acts.valid_from = active.valid_from
    )
    union all
    select
        ranges.effort_model, ranges.worker_id, ranges.valid_from, null, null, null, null,
        {{ whole('shares.share * 1000000') }}, shares.product_id
    from ranges
    inner join stg_files__team_products as shares
        on ranges.team_id = shares.team_id and {{ valid_on('shares', 'ranges.valid_from') }}
    where ranges.effort_model = 'declared' and shares.share > 0
),

-- A day of work has so many hours, less what is leave and what part-time people do not work.
logged as (
    select effort_model, worker_id, valid_from, sum(weight) as seconds
    from acts
    where effort_model = 'worklogs'
    group by effort_model, worker_id, valid_from
),

weighed as (
    select * from shown
    union all
    select
        ranges.effort_model, ranges.worker_id, ranges.valid_from, 'UNATTRIBUTED', null, null, null,
        {{ half_even(
            whole('policy.hours_of_a_day * 1000000') ~ ' * 3600 * ' ~ whole('ranges.capacity_millionths'),
            '1000000000000'
        ) }} - logged.seconds,
        null
    from logged
    inner join ranges
        on logged.effort_model = ranges.effort_model and logged.worker_id = ranges.worker_id
        and logged.valid_from = ranges.valid_from
    cross join int_policies_read as policy
),

pool as (
    select
        ranges.effort_model, ranges.worker_id, ranges.valid_from, ranges.valid_to, ranges.fiscal_period,
        ranges.team_id, ranges.function_name, ranges.working_days, ranges.capacity_millionths,
        case
            when weighed.product_id is null then coalesce(weighed.work_item_id, 'UNATTRIBUTED')
        end as work_item_id,
        weighed.epic_id, weighed.initiative_id, weighed.project_key, weighed.product_id,
        coalesce(weighed.weight, 1) as weight
    from ranges
    left join weighed
        on ranges.effort_model = weighed.effort_model and ranges.worker_id = weighed.worker_id
        and ranges.valid_from = weighed.valid_from and weighed.weight > 0
),

shared as (
    {{ shared_out('pool', ['effort_model', 'worker_id', 'valid_from'], ['work_item_id', 'product_id'], '1000000',
        'weight') }}
)

select
    effort_model,
    worker_id,
    valid_from,
    valid_to,
    fiscal_period,
    team_id,
    function_name,
    work_item_id,
    epic_id,
    initiative_id,
    project_key,
    product_id,
    shared_minor as share_millionths,
    working_days,
    capacity_millionths
from shared
where shared_minor > 0
