{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'okr_cycles') }}", post_hook="{{ close_landing('files', 'okr_cycles') }}"
) }}

{{ typed_records('files', 'okr_cycles', [
    {'name': 'cycle_id', 'path': '$.id', 'type': 'key', 'required': true},
    {'name': 'cycle_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'start_date', 'path': '$.start', 'type': 'date', 'required': true},
    {'name': 'end_date', 'path': '$.end', 'type': 'date', 'required': true},
]) }}
