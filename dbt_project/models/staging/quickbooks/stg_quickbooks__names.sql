{% for stream in ['classes', 'departments', 'customers', 'vendors', 'employees'] %}
select
    '{{ stream }}' as stream,
    record_id as name_id,
    coalesce(display_name, list_name) as name,
    coalesce(full_name, display_name, list_name) as full_name,
    above_id as parent_id,
    currency,
    coalesce(is_active, true) as is_active,
    updated_at,
    load_id
from {{ ref('base_quickbooks__' ~ stream) }}
where not is_deleted and quarantine_reason is null
{{ 'union all' if not loop.last }}
{% endfor %}
