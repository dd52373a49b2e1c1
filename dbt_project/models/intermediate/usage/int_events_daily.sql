{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_event_days(rebuilt_with=['base_files__customer_map', 'base_files__policy']) }}",
    post_hook="{{ close_upstream(['base_amplitude__events', 'base_files__customer_map', 'base_files__policy']) }}"
) }}

-- The hook asks which days a load touched. depends_on: {{ ref('stg_amplitude__landed_lines') }}
-- The one pass over single events: everything after it works on these sums. Products and people are not in it, so a new
-- mapping or a merge of
-- identities restates what is built on it without reading an event again. Days that a load touched are made again
-- whole, however old or far ahead.
with int_policies_read as (select * from {{ ref('int_policies_read') }}),
stg_amplitude__events as {{ inlined() }} (select * from {{ ref('stg_amplitude__events') }}),
stg_files__customer_maps as (select * from {{ ref('stg_files__customer_maps') }}),

policy as (
    select * from int_policies_read
),

-- Each of these reads a few columns of the view: what several read of a table of all events would be held in memory
-- whole, 0.8 GB a million. Events of one device with one insert id, on whatever day: all but the first to arrive are
-- duplicates. Ranked are only those that have company.
sent_twice as (
    select project_id, device_id, insert_id
    from stg_amplitude__events
    where device_id is not null and insert_id is not null
    group by project_id, device_id, insert_id
    having count(*) > 1
),

arrivals as (
    select
        staged.project_id, staged.uuid,
        row_number() over (
            partition by staged.project_id, staged.device_id, staged.insert_id order by staged.uploaded_at, staged.uuid
        ) as arrival_number
    from stg_amplitude__events as staged
    inner join sent_twice
        on staged.project_id = sent_twice.project_id and staged.device_id = sent_twice.device_id
        and staged.insert_id = sent_twice.insert_id
),

duplicates as (
    select project_id, uuid from arrivals where arrival_number > 1
),

-- The account may be one or a list: the first that somebody mapped for the day names the customer.
account_lists as (
    select groups, activity_date, case when accounts like '[%' then accounts else '[' || accounts || ']' end as listed
    from (
        select
            staged.groups, staged.activity_date,
            {{ json_raw('staged.groups', "'$.\"' || policy.account_group || '\"'") }} as accounts
        from (
            select distinct
                staged.groups,
                cast({{ to_local('staged.event_at', 'policy.reporting_time_zone') }} as date) as activity_date
            from stg_amplitude__events as staged
            cross join policy
        ) as staged
        cross join policy
    ) as found
    where accounts is not null
),

mapped_accounts as (
    select
        lists.groups, lists.activity_date, maps.customer_id,
        row_number() over (partition by lists.groups, lists.activity_date order by items.position) as choice
    from account_lists as lists
    {{ json_array_elements('lists.listed', 'items') }}
    inner join stg_files__customer_maps as maps
        on maps.mapped_source = 'amplitude' and {{ json_text('items.element', "'$'") }} = maps.account_key
        and {{ valid_on('maps', 'lists.activity_date') }}
),

-- Software that says that it is a machine's. A marker stands at the end of a word, as in Googlebot, HeadlessChrome and
-- Spider/2; one that ends in another sign (k6/) anywhere. On a phone's own software the kind of device is a product's
-- name, in a browser some makers' names end like a machine's.
clients as (
    select
        device_family, os_name, library, platform,
        lower(texts) as texts,
        {{ word_ends('texts') }} as words
    from (
        select distinct
            device_family, os_name, library, platform,
            case when lower(platform) in ('android', 'ios') then '' else coalesce(device_family, '') end || ' | '
            || coalesce(os_name, '') || ' | ' || coalesce(library, '') || ' | ' || coalesce(platform, '') as texts
        from stg_amplitude__events
    ) as named
),

machines as (
    select distinct clients.device_family, clients.os_name, clients.library, clients.platform, true as is_machine
    from clients
    cross join policy
    {{ text_pieces('policy.bot_markers', ',', 'markers') }}
    where trim(markers.piece) <> ''
        and case
            when {{ text_matches('trim(markers.piece)', '[a-zA-Z]$') }}
                then position(lower(trim(markers.piece)) || '$' in clients.words) > 0
                    or position(lower(trim(markers.piece)) || 's$' in clients.words) > 0
            else position(lower(trim(markers.piece)) in clients.texts) > 0
        end
),

events as (
    select
        staged.*,
        cast({{ to_local('staged.event_at', 'policy.reporting_time_zone') }} as date) as activity_date,
        coalesce(
            'user:' || staged.user_id, 'device:' || staged.device_id,
            'amplitude:' || staged.project_id || '/' || staged.amplitude_id
        ) as alias
    from stg_amplitude__events as staged
    cross join policy
)

select
    events.activity_date,
    events.project_id,
    events.event_type,
    case when events.event_type = '[Experiment] Exposure' then events.flag_key end as flag_key,
    events.alias,
    'device:' || events.device_id as device_alias,
    coalesce(mapped_accounts.customer_id, 'UNMAPPED') as customer_id,
    coalesce(machines.is_machine, false) as is_machine,
    count(*) as staged_events,
    count(case when duplicates.uuid is null then 1 end) as events,
    count(case when events.uploaded_at > events.event_at + interval '24' hour then 1 end) as late_events,
    min(case when duplicates.uuid is null then events.event_at end) as first_at,
    max(case when duplicates.uuid is null then events.event_at end) as last_at,
    min(events.uploaded_at) as first_uploaded_at,
    max(events.uploaded_at) as last_uploaded_at,
    count(case when lower(events.platform) in ('android', 'ios') then 1 end) as phone_events,
    min(events.amplitude_id) as least_amplitude_id,
    max(events.amplitude_id) as greatest_amplitude_id
from events
left join duplicates on events.project_id = duplicates.project_id and events.uuid = duplicates.uuid
left join mapped_accounts
    on events.groups = mapped_accounts.groups and events.activity_date = mapped_accounts.activity_date
    and mapped_accounts.choice = 1
left join machines
    on events.device_family is not distinct from machines.device_family
    and events.os_name is not distinct from machines.os_name and events.library is not distinct from machines.library
    and events.platform is not distinct from machines.platform
{% if is_incremental() %}where events.activity_date in (select unnest(getvariable('touched_event_days'))){% endif %}
group by 1, 2, 3, 4, 5, 6, 7, 8
