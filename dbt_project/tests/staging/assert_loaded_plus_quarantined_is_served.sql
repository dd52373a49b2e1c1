{% set means %}
Red: records of a stream are in neither the staging view nor the quarantine, so figures miss them silently, or in
both.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'stg_jira__stream_counts'}}, 'description': means}) }}
with counts as (
    {% for source_name in landed_streams() %}
    select source, stream, served, loaded, quarantined from {{ ref('stg_' ~ source_name ~ '__stream_counts') }}
    union all
    {% endfor %}
    -- Pay: counts are all that is read of it here.
    select source, stream, served, loaded, quarantined from {{ ref('stg_bamboohr__pay_stream_counts') }}
)

select * from counts where loaded + quarantined <> served
