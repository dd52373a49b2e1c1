{{ config(materialized='view') }}

-- By project and by epic: either may be mapped. An epic that is mapped leaves its project with fewer items that are
-- not. And by type and by resolution, each by its id, which a file that names it by its name knows as well.
with int_work_item_timestamps_located as (select * from {{ ref('int_work_item_timestamps_located') }}),
int_work_item_timestamps_attributed as (select * from {{ ref('int_work_item_timestamps_attributed') }}),
stg_jira__projects as (select * from {{ ref('stg_jira__projects') }}),
stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),
int_delivery_items_selected as (select * from {{ ref('int_delivery_items_selected') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),

items as (
    select
        located.issue_id, located.project_key, located.epic_id,
        min(case when attributed.product_id = 'UNMAPPED' then 0 else 1 end) = 1 as is_mapped
    from int_work_item_timestamps_located as located
    inner join int_work_item_timestamps_attributed as attributed
        on located.issue_id = attributed.issue_id and located.timestamp_type = attributed.timestamp_type
        and located.timestamp_number = attributed.timestamp_number
    where located.timestamp_type = 'now' and attributed.timestamp_type = 'now'
    group by located.issue_id, located.project_key, located.epic_id
),

typed as (
    select issues.*, kinds.type_kind, kinds.resolution_kind
    from int_delivery_items_selected as items
    inner join stg_jira__issues as issues on items.issue_id = issues.issue_id
    inner join int_work_kinds_resolved as kinds on items.issue_id = kinds.issue_id
),

uses as (
    select
        'product_map' as map_file, 'project' as object_type, items.project_key as map_key,
        projects.project_name as key_name, items.is_mapped
    from items
    left join stg_jira__projects as projects on items.project_key = projects.project_key
    union all
    select 'product_map', 'epic', epics.issue_key, epics.summary, items.is_mapped
    from items
    inner join stg_jira__issues as epics on items.epic_id = epics.issue_id
    union all
    select
        'work_types', 'issue_type', coalesce(issue_type_id, issue_type_name), issue_type_name, type_kind is not null
    from typed
    union all
    select
        'work_types', 'resolution', coalesce(resolution_id, resolution_name), resolution_name,
        resolution_kind is not null
    from typed
    where coalesce(resolution_id, resolution_name) is not null
)

select
    map_file,
    'jira' as mapped_source,
    object_type,
    map_key,
    max(key_name) as key_name,
    'issues' as use_kind,
    count(*) as uses,
    count(case when not is_mapped then 1 end) as unmapped_uses,
    cast(null as double) as unmapped_amount
from uses
group by map_file, object_type, map_key
