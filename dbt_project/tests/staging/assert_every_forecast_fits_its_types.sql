{% set means %}
Red: what planning/ computes does not fit what models read of it, so a forecast is missing. Compare
planning/results.py with the base model that the row names.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'base_forecasts__key_result_forecasts_versions'}}, 'description': means}) }}
{% set bases = [
    'key_result_forecasts_versions', 'objective_forecasts', 'forecast_calibration', 'effect_estimates',
    'epic_forecasts',
] %}
{% for stream in bases %}
select '{{ stream }}' as stream, record_id, quarantine_reason
from {{ ref('base_forecasts__' ~ stream) }}
where quarantine_reason is not null
{{ 'union all' if not loop.last }}
{% endfor %}
