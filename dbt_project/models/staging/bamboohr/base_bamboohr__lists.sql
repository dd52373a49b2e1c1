{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'lists') }}", post_hook="{{ close_landing('bamboohr', 'lists') }}"
) }}

{{ typed_records('bamboohr', 'lists', [
    {'name': 'list_name', 'path': '$.name', 'type': 'text'},
    {'name': 'alias', 'path': '$.alias', 'type': 'key'},
    {'name': 'options', 'path': '$.options', 'type': 'json'},
]) }}
