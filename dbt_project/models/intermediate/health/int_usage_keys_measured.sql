{{ config(materialized='view') }}

-- A view, because accounts are not kept in sums of days: they are read off single events, which only who asks for them
-- should pay for.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_event_products_resolved as (select * from {{ ref('int_event_products_resolved') }}),
stg_amplitude__events as (select * from {{ ref('stg_amplitude__events') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

days as (
    select activity_date, project_id, event_type, sum(staged_events) as events
    from int_events_daily
    group by activity_date, project_id, event_type
),

mapped as (
    select
        activity_date, project_id, event_type, max(case when product_id = 'UNMAPPED' then 1 else 0 end) = 0 as is_mapped
    from int_event_products_resolved
    group by activity_date, project_id, event_type
),

kinds as (
    select days.*, mapped.is_mapped
    from days
    inner join mapped
        on days.activity_date = mapped.activity_date and days.project_id = mapped.project_id
        and days.event_type = mapped.event_type
),

accounts as (
    select
        {{ json_raw('events.groups', "'$.\"' || policy.account_group || '\"'") }} as accounts,
        cast({{ to_local('events.event_at', 'policy.reporting_time_zone') }} as date) as activity_date,
        count(*) as events
    from stg_amplitude__events as events
    cross join int_policies_read as policy
    group by 1, 2
),

listed as (
    select
        accounts, activity_date, events,
        case when accounts like '[%' then accounts else '[' || accounts || ']' end as listed
    from accounts
    where accounts is not null
),

-- The first account of a list that somebody mapped names the customer of an event: the others are no gap.
keyed as (
    select
        listed.accounts, listed.activity_date, listed.events, {{ json_text('items.element', "'$'") }} as map_key
    from listed
    {{ json_array_elements('listed.listed', 'items') }}
),

owned as (
    select keyed.*, {{ has_customer('amplitude', 'keyed.map_key', 'keyed.activity_date') }} as has_customer
    from keyed
),

uses as (
    select 'product_map' as map_file, 'event' as object_type, event_type as map_key, events, is_mapped from kinds
    union all
    select 'product_map', 'project', project_id, events, is_mapped from kinds
    union all
    select 'customer_map', 'account', map_key, events, max(has_customer) over (partition by accounts, activity_date)
    from owned
)

select
    map_file,
    'amplitude' as mapped_source,
    object_type,
    map_key,
    map_key as key_name,
    'events' as use_kind,
    cast(sum(events) as bigint) as uses,
    cast(coalesce(sum(case when not is_mapped then events end), 0) as bigint) as unmapped_uses,
    cast(null as double) as unmapped_amount
from uses
where map_key is not null
group by map_file, object_type, map_key
