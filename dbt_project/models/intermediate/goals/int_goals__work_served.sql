-- Without days a row of goal_links.csv holds in the cycle of its key result. Shares that are given hold; rows without
-- one have equal parts of what these leave. What is given and comes to less than the whole leaves a rest for no key
-- result, what comes to more is brought down to the whole. What stands below a key result in Jira serves that one.
-- Hierarchies may have more levels than initiatives: one that is not named serves what the nearest above it does.
with recursive stg_files__goal_links as (select * from {{ ref('stg_files__goal_links') }}),
int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),
int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),

-- What was above initiatives, by the end of each day.
parents as (
    select
        ranges.issue_id as child_id, ranges.epic_id as parent_id,
        cast({{ to_local('ranges.valid_from', 'policy.reporting_time_zone') }} as date) as valid_from,
        coalesce(
            cast({{ to_local('ranges.valid_to', 'policy.reporting_time_zone') }} as date), date '9999-12-31'
        ) as valid_to
    from int_issue_epics_ranged as ranges
    cross join int_policies_read as policy
    inner join stg_jira__issues as children on ranges.issue_id = children.issue_id and children.hierarchy_level >= 2
    inner join stg_jira__issues as above
        on ranges.epic_id = above.issue_id and above.hierarchy_level > children.hierarchy_level
),

links as (
    select
        keys.epic_id as work_item_id,
        results.key_result_id,
        {{ whole('links.share * 1000000') }} as given,
        coalesce(links.valid_from, results.first_date) as valid_from,
        coalesce(links.valid_to, results.end_date) as valid_to
    from stg_files__goal_links as links
    inner join int_epic_keys_collected as keys on links.work_item_key = keys.epic_key
    inner join int_goals__key_results as results on links.key_result_id = results.key_result_id
    union all
    select keys.epic_id, results.key_result_id, null, results.first_date, results.end_date
    from int_epic_keys_collected as keys
    inner join int_goals__key_results as results on keys.epic_key = results.key_result_id
),

served as (
    select work_item_id, key_result_id, given, valid_from, valid_to, 0 as distance from links
    union all
    select
        parents.child_id, served.key_result_id, served.given, greatest(served.valid_from, parents.valid_from),
        least(served.valid_to, parents.valid_to), served.distance + 1
    from served
    inner join parents
        on served.work_item_id = parents.parent_id
        and served.valid_from < parents.valid_to and parents.valid_from < served.valid_to
),

cuts as (
    select work_item_id, valid_from as cut_date from served
    union
    select work_item_id, valid_to from served
),

segments as (
    select
        work_item_id, cut_date as valid_from,
        lead(cut_date) over (partition by work_item_id order by cut_date) as valid_to
    from cuts
),

-- One that two rows name, by an old key and a new one, is one.
held as (
    select work_item_id, valid_from, valid_to, key_result_id, max(given) as given
    from (
        select
            segments.*, served.key_result_id, served.given, served.distance,
            min(served.distance) over (partition by segments.work_item_id, segments.valid_from) as nearest
        from segments
        inner join served
            on segments.work_item_id = served.work_item_id and {{ valid_on('served', 'segments.valid_from') }}
    ) as found
    where distance = nearest
    group by work_item_id, valid_from, valid_to, key_result_id
),

summed as (
    select
        *,
        coalesce(sum(given) over (partition by work_item_id, valid_from), 0) as all_given,
        count(*) over (partition by work_item_id, valid_from)
            - count(given) over (partition by work_item_id, valid_from) as all_open
    from held
),

weighed as (
    select
        work_item_id, valid_from, valid_to, key_result_id,
        cast(case when all_open > 0 then 1000000 else least(all_given, 1000000) end as bigint) as whole_millionths,
        case
            when given is null then greatest(1000000 - all_given, 0)
            else given * greatest(all_open, 1)
        end as weight
    from summed
),

shared as (
    {{ shared_out('weighed', ['work_item_id', 'valid_from'], ['key_result_id'], 'whole_millionths', 'weight') }}
)

select work_item_id, key_result_id, shared_minor as share_millionths, valid_from, valid_to
from shared
where shared_minor > 0
