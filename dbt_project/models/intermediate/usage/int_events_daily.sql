{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_event_days(rebuilt_with=['base_files__customer_map', 'base_files__policy']) }}",
    post_hook="{{ close_upstream(['base_amplitude__events', 'base_files__customer_map', 'base_files__policy']) }}"
) }}

-- The hook asks which days a load touched. depends_on: {{ ref('stg_amplitude__landed_lines') }}
-- The one pass over single events: everything after it works on these sums. Products and people are not in it, so a new mapping or a merge of
-- identities restates what is built on it without reading an event again. Days that a load touched are made again whole, however old or far ahead.
with events as (
    select
        staged.*,
        cast({{ to_local('staged.event_at', 'policy.reporting_time_zone') }} as date) as activity_date,
        coalesce(
            'user:' || staged.user_id, 'device:' || staged.device_id, 'amplitude:' || staged.project_id || '/' || staged.amplitude_id
        ) as alias,
        {{ json_raw('staged.groups', "'$.\"' || policy.account_group || '\"'") }} as accounts,
        lower(coalesce(staged.device_family, '') || ' | ' || coalesce(staged.os_name, '') || ' | ' || coalesce(staged.library, '')) as client
    from {{ ref('stg_amplitude__events') }} as staged
    cross join {{ ref('int_policies_read') }} as policy
),

touched as (
    select * from events
    {% if is_incremental() %}where activity_date in (select unnest(getvariable('touched_event_days'))){% endif %}
),

-- Events of one device with one insert id, on whatever day: all but the first to arrive are duplicates. Ranked are only those that have company.
sent_twice as (
    select project_id, device_id, insert_id
    from events
    where device_id is not null and insert_id is not null
        {% if is_incremental() %}and (project_id, device_id, insert_id) in (select project_id, device_id, insert_id from touched){% endif %}
    group by project_id, device_id, insert_id
    having count(*) > 1
),

arrivals as (
    select
        events.project_id, events.uuid,
        row_number() over (
            partition by events.project_id, events.device_id, events.insert_id order by events.uploaded_at, events.uuid
        ) as arrival_number
    from events
    inner join sent_twice
        on events.project_id = sent_twice.project_id and events.device_id = sent_twice.device_id and events.insert_id = sent_twice.insert_id
),

-- The account may be one or a list: the first that somebody mapped for the day names the customer.
account_lists as (
    select distinct accounts, activity_date, case when accounts like '[%' then accounts else '[' || accounts || ']' end as listed
    from touched
    where accounts is not null
),

mapped_accounts as (
    select
        lists.accounts, lists.activity_date, maps.customer_id,
        row_number() over (partition by lists.accounts, lists.activity_date order by items.position) as choice
    from account_lists as lists
    {{ json_array_elements('lists.listed', 'items') }}
    inner join {{ ref('stg_files__customer_maps') }} as maps
        on maps.mapped_source = 'amplitude' and {{ json_text('items.element', "'$'") }} = maps.account_key and {{ valid_on('maps', 'lists.activity_date') }}
),

machines as (
    select distinct clients.client
    from (select distinct client from touched) as clients
    cross join {{ ref('int_policies_read') }} as policy
    {{ text_pieces('policy.bot_markers', ',', 'markers') }}
    where trim(markers.piece) <> '' and position(lower(trim(markers.piece)) in clients.client) > 0
)

select
    touched.activity_date,
    touched.project_id,
    touched.event_type,
    case when touched.event_type = '[Experiment] Exposure' then touched.flag_key end as flag_key,
    touched.alias,
    'device:' || touched.device_id as device_alias,
    coalesce(mapped_accounts.customer_id, 'UNMAPPED') as customer_id,
    count(*) as staged_events,
    count(case when coalesce(arrivals.arrival_number, 1) = 1 then 1 end) as events,
    count(case when touched.uploaded_at > touched.event_at + interval '24' hour then 1 end) as late_events,
    count(machines.client) as machine_events,
    min(case when coalesce(arrivals.arrival_number, 1) = 1 then touched.event_at end) as first_at,
    max(case when coalesce(arrivals.arrival_number, 1) = 1 then touched.event_at end) as last_at,
    min(touched.uploaded_at) as first_uploaded_at,
    max(touched.uploaded_at) as last_uploaded_at
from touched
left join arrivals on touched.project_id = arrivals.project_id and touched.uuid = arrivals.uuid
left join mapped_accounts
    on touched.accounts = mapped_accounts.accounts and touched.activity_date = mapped_accounts.activity_date and mapped_accounts.choice = 1
left join machines on touched.client = machines.client
group by 1, 2, 3, 4, 5, 6, 7
