{{ config(incremental_strategy='append', unique_key=none) }}

-- The lines of every landing, narrow: what the figures need of a payload is read in one parse, the payload stays in
-- landing. What a landing of an hour supersedes stays too: models built on it must find the days that it touched.
with landed as (
    select
        project_id, export_hour, uuid, insert_id, event_type, event_time, server_upload_time, user_id, device_id,
        amplitude_id, session_id,
        extracted_at, payload_hash, _dlt_load_id as load_id, payload is not null as is_event,
        {{ json_texts('payload', [
            '$.event_time', '$.server_upload_time', '$.platform', '$.library', '$.device_family', '$.os_name',
            '$.groups', '$.event_properties.flag_key',
        ]) }} as texts
    from {{ source('amplitude', 'events') }}
    where _dlt_load_id not in {{ loads_of(this) }}
),

typed as (
    select
        project_id,
        {{ to_utc_clock('export_hour') }} as export_hour,
        {{ presence('uuid', 'key') }} as uuid,
        {{ presence('insert_id', 'key') }} as insert_id,
        case when {{ presence('event_type', 'key') }} is not null then event_type end as event_type,
        {{ to_utc_clock('event_time') }} as event_at,
        {{ to_utc_clock('server_upload_time') }} as uploaded_at,
        {{ known_id('user_id') }} as user_id,
        {{ known_id('device_id') }} as device_id,
        amplitude_id,
        session_id,
        {% for column in [
            'event_time', 'server_upload_time', 'platform', 'library', 'device_family', 'os_name', 'groups', 'flag_key'
        ] %}
        {{ list_item('texts', loop.index) }} as {{ column ~ '_text' if loop.index <= 2 else column }},
        {% endfor %}
        texts is not null as is_json,
        is_event,
        extracted_at,
        payload_hash,
        load_id
    from landed
),

judged as (
    select
        *,
        case
            when not is_event then null
            when not is_json then 'payload: not JSON'
            when uuid is null then 'uuid: missing'
            when event_type is null then 'event_type: missing'
            when event_at is null
                then coalesce('event_time: not a timestamp: ' || left(event_time_text, 60), 'event_time: missing')
            when uploaded_at is null
                then coalesce(
                    'server_upload_time: not a timestamp: ' || left(server_upload_time_text, 60),
                    'server_upload_time: missing'
                )
            when user_id is null and device_id is null and amplitude_id is null then 'identity: missing'
        end as reason
    from typed
)

select
    project_id, export_hour, uuid, insert_id, event_type, event_at, uploaded_at, user_id, device_id, amplitude_id,
    session_id, platform, library, device_family, os_name, groups, flag_key, is_event,
    case
        when reason is not null then reason
        when is_event
            and row_number() over (
                partition by load_id, project_id, export_hour, uuid, reason order by payload_hash
            ) > 1
            then 'uuid: repeated'
    end as quarantine_reason,
    extracted_at,
    payload_hash,
    load_id
from judged
