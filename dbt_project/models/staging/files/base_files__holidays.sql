{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'holidays') }}", post_hook="{{ close_landing('files', 'holidays') }}"
) }}

{{ typed_records('files', 'holidays', [
    {'name': 'country', 'path': '$.country', 'type': 'key', 'required': true},
    {'name': 'holiday_date', 'path': '$.date', 'type': 'date', 'required': true},
]) }}
