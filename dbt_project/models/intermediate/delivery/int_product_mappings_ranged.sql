-- For each epic and project in which work was: the products it counts to and when, by the most precise rule that is
-- valid, of the epic before the project. Either is meant by any key that it ever had. Rules are read once for each day
-- on which one begins or ends: what holds then holds until the next such day.
with int_issue_places_ranged as (select * from {{ ref('int_issue_places_ranged') }}),
int_work_item_timestamps_located as (select * from {{ ref('int_work_item_timestamps_located') }}),
int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),
int_project_keys_collected as (select * from {{ ref('int_project_keys_collected') }}),
stg_files__product_maps as (select * from {{ ref('stg_files__product_maps') }}),

-- An item may have been somewhere for some hours only: at an instant of delivery, and at no day's end.
pairs as (
    select epic_id, project_key from int_issue_places_ranged
    union
    select epic_id, project_key from int_work_item_timestamps_located
),

turns as (
    select date '0001-01-01' as valid_from
    union
    select valid_from from stg_files__product_maps where mapped_source = 'jira'
    union
    select valid_to from stg_files__product_maps where mapped_source = 'jira' and valid_to < date '9999-12-31'
),

days as (
    select valid_from, lead(valid_from, 1, date '9999-12-31') over (order by valid_from) as valid_to from turns
),

asked as (
    select pairs.*, days.valid_from as mapping_date, days.valid_to from pairs cross join days
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
    coalesce(mapped.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(mapped.weight, 1) as decimal(18, 6)) as weight,
    asked.mapping_date as valid_from,
    asked.valid_to
from asked
left join epics on asked.epic_id = epics.place and asked.mapping_date = epics.mapping_date
left join mapped
    on mapped.object_type = case when epics.place is not null then 'epic' else 'project' end
    and mapped.place = case when epics.place is not null then asked.epic_id else asked.project_key end
    and asked.mapping_date = mapped.mapping_date
