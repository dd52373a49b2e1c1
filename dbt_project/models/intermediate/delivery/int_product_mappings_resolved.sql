-- For each epic, project and day that is asked for: the products it counts to, by the most precise rule that is valid
-- on the day, of the epic before the project. Either is meant by any key that it ever had.
with int_work_item_timestamps_located as (select * from {{ ref('int_work_item_timestamps_located') }}),
int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),
int_project_keys_collected as (select * from {{ ref('int_project_keys_collected') }}),

asked as (
    select distinct epic_id, project_key, mapping_date from int_work_item_timestamps_located
),

places as (
    select
        'jira' as mapped_source, 'epic' as object_type, asked.epic_id as place, keys.epic_key as place_key,
        asked.mapping_date
    from asked
    inner join int_epic_keys_collected as keys on asked.epic_id = keys.epic_id
    union all
    select 'jira', 'project', asked.project_key, coalesce(keys.project_key, asked.project_key), asked.mapping_date
    from asked
    left join int_project_keys_collected as keys on asked.project_key = keys.current_key
    where asked.project_key is not null
),

mapped as (
    {{ mapped_products('places') }}
),

epics as (
    select distinct place, mapping_date from mapped where object_type = 'epic'
)

select
    asked.epic_id,
    asked.project_key,
    asked.mapping_date,
    coalesce(mapped.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(mapped.weight, 1) as decimal(18, 6)) as weight
from asked
left join epics on asked.epic_id = epics.place and asked.mapping_date = epics.mapping_date
left join mapped
    on mapped.object_type = case when epics.place is not null then 'epic' else 'project' end
    and mapped.place = case when epics.place is not null then asked.epic_id else asked.project_key end
    and asked.mapping_date = mapped.mapping_date
