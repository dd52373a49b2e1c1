-- For each event type, project and flag on each day that has events: the products it stands for, by the most precise
-- rule that is valid on the day.
with keys as (
    select distinct 'event' as object_type, event_type as place_key, activity_date from {{ ref('int_events_daily') }}
    union all
    select distinct 'project', project_id, activity_date from {{ ref('int_events_daily') }}
    union all
    select distinct 'exposure', flag_key, activity_date from {{ ref('int_events_daily') }} where flag_key is not null
),

places as (
    select 'amplitude' as mapped_source, object_type, place_key as place, place_key, activity_date as mapping_date
    from keys
)

select mapping_date as activity_date, object_type, place as place_key, product_id, weight
from ({{ mapped_products('places') }}) as mapped
