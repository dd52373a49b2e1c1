{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'segments') }}", post_hook="{{ close_landing('files', 'segments') }}"
) }}

{{ typed_records('files', 'segments', [
    {'name': 'segment', 'path': '$.code', 'type': 'key', 'required': true},
    {'name': 'segment_name', 'path': '$.name', 'type': 'text', 'required': true},
]) }}
