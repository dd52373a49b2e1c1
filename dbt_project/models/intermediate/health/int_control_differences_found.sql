{{ config(materialized='view') }}

-- Where a vendor says something else than what is held. People are in a model of their own, in the restricted database.
{% for model, compared in controls().items() %}
select '{{ compared.source }}' as source, control_id, object_id, object_part, vendor_figure, our_figure
from {{ ref(model) }}
where not is_agreed
{{ 'union all' if not loop.last }}
{% endfor %}
