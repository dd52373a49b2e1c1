{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'fx_plan') }}", post_hook="{{ close_landing('files', 'fx_plan') }}"
) }}

{{ typed_records('files', 'fx_plan', [
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'fiscal_year', 'path': '$.fiscal_year', 'type': 'key', 'required': true},
    {'name': 'rate', 'path': '$.rate', 'type': 'fine_decimal', 'required': true},
]) }}
