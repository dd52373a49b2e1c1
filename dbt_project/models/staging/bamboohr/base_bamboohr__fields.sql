{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'fields') }}", post_hook="{{ close_landing('bamboohr', 'fields') }}"
) }}

{{ typed_records('bamboohr', 'fields', [
    {'name': 'field_name', 'path': '$.name', 'type': 'text'},
    {'name': 'alias', 'path': '$.alias', 'type': 'key'},
    {'name': 'field_type', 'path': '$.type', 'type': 'key'},
]) }}
