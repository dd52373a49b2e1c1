{#
    What new loads touched, for incremental models: they replace all rows of a touched key and leave the rest alone.
#}

{# Numbers of histories in loads that this model has not built. #}
{% macro new_histories() -%}
    select history_number
    from {{ ref('stg_jira__issue_arrivals') }}
    where history_number is not null and load_id not in {{ loads_of(this) }}
{%- endmacro %}

{# Issues of which this model has not built the newest version, a tombstone or a history. #}
{% macro touched_issues() -%}
    select issue_id from {{ ref('stg_jira__issue_arrivals') }} where load_id not in {{ loads_of(this) }}
{%- endmacro %}

{# Answers of the general ledger of which this model has not built the newest version or the tombstone. #}
{% macro touched_ledgers() -%}
    select record_id from {{ ref('base_quickbooks__general_ledgers') }} where load_id not in {{ loads_of(this) }}
{%- endmacro %}

{# The project's key within an issue's key: PAY-2-17 is issue 17 of PAY-2. #}
{% macro project_of(issue_key) -%} regexp_replace({{ issue_key }}, '-[^-]*$', '') {%- endmacro %}
{% macro number_of(issue_key) -%} regexp_replace({{ issue_key }}, '^.*-', '') {%- endmacro %}
