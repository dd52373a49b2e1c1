{{ config(materialized='view') }}

-- Counts alone leave the restricted database.
{% for control in ['employed_heads', 'employed_departments'] %}
select
    '{{ control }}' as control_id,
    count(case when is_agreed then 1 end) as agreeing,
    count(*) as compared
from {{ ref('int_staff_controls_compared') }}
where control_id = '{{ control }}'
{{ 'union all' if not loop.last }}
{% endfor %}
