with {{ newest_event_lines() }}

select
    'amplitude' as source, 'events' as stream,
    lines.project_id || '/' || coalesce(lines.uuid, cast(lines.payload_hash as varchar)) as record_id,
    {{ line_reason() }} as quarantine_reason, lines.extracted_at, lines.load_id
from lines
left join {{ ref('stg_amplitude__repeated_lines') }} as repeats
    on lines.project_id = repeats.project_id and lines.uuid = repeats.uuid
where {{ line_reason() }} is not null
union all
{{ quarantined('amplitude') }}
