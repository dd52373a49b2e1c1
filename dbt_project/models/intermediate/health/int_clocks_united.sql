{% for source_name in landed_streams() %}
{% set has_books = source_name == 'quickbooks' %}
select
    '{{ source_name }}' as source,
    data_as_of,
    loaded_at,
    {{ 'closed_through_date' if has_books else 'cast(null as date) as closed_through_date' }},
    {{ 'closed_fiscal_period' if has_books else 'cast(null as varchar) as closed_fiscal_period' }}
from {{ ref('int_' ~ source_name ~ '_clocks_read') }}
{{ 'union all' if not loop.last }}
{% endfor %}
