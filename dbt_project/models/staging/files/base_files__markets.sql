{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'markets') }}", post_hook="{{ close_landing('files', 'markets') }}"
) }}

{{ typed_records('files', 'markets', [
    {'name': 'market', 'path': '$.code', 'type': 'key', 'required': true},
    {'name': 'market_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'region', 'path': '$.region', 'type': 'key'},
]) }}
