{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'key_result_targets') }}", post_hook="{{ close_landing('files', 'key_result_targets') }}"
) }}

{{ typed_records('files', 'key_result_targets', [
    {'name': 'kr_id', 'path': '$.key_result', 'type': 'key', 'required': true},
    {'name': 'revised_date', 'path': '$.date', 'type': 'date', 'required': true},
    {'name': 'target_value', 'path': '$.target', 'type': 'decimal', 'required': true},
]) }}
