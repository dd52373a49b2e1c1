-- An event that somebody mapped is use. One that only its project names is not (pages load and devices report by
-- themselves), and neither is one that nothing names. From its own products it counts up to everything that stood above
-- them on its day.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_usage_keys_resolved as {{ inlined() }} (select * from {{ ref('int_usage_keys_resolved') }}),
int_product_ancestors_ranged as (select * from {{ ref('int_product_ancestors_ranged') }}),

kinds as (
    select distinct activity_date, project_id, event_type from int_events_daily
),

own as (
    select
        kinds.activity_date, kinds.project_id, kinds.event_type,
        coalesce(by_event.product_id, by_project.product_id, 'UNMAPPED') as product_id,
        coalesce(by_event.weight, by_project.weight, 1) as weight,
        by_event.product_id is not null as is_active
    from kinds
    left join int_usage_keys_resolved as by_event
        on kinds.activity_date = by_event.activity_date and by_event.object_type = 'event'
        and kinds.event_type = by_event.place_key
    left join int_usage_keys_resolved as by_project
        on kinds.activity_date = by_project.activity_date and by_project.object_type = 'project'
        and kinds.project_id = by_project.place_key
        and by_event.product_id is null
)

select
    own.activity_date,
    own.project_id,
    own.event_type,
    ancestors.ancestor_id as product_id,
    own.is_active,
    cast(sum(own.weight) as decimal(18, 6)) as weight
from own
inner join int_product_ancestors_ranged as ancestors
    on own.product_id = ancestors.product_id and {{ valid_on('ancestors', 'own.activity_date') }}
group by own.activity_date, own.project_id, own.event_type, ancestors.ancestor_id, own.is_active
