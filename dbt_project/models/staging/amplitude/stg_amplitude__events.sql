with {{ newest_event_lines() }}

select
    lines.project_id,
    lines.uuid,
    lines.insert_id,
    lines.event_type,
    lines.event_at,
    lines.uploaded_at,
    lines.user_id,
    lines.device_id,
    lines.amplitude_id,
    lines.session_id,
    lines.platform,
    lines.library,
    lines.device_family,
    lines.os_name,
    lines.groups,
    lines.flag_key,
    lines.export_hour,
    lines.load_id
from lines
left join {{ ref('stg_amplitude__repeated_lines') }} as repeats
    on lines.project_id = repeats.project_id and lines.uuid = repeats.uuid
where {{ line_reason() }} is null
