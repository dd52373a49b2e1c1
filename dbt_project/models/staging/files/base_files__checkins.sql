{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'checkins') }}", post_hook="{{ close_landing('files', 'checkins') }}"
) }}

{{ typed_records('files', 'checkins', [
    {'name': 'kr_id', 'path': '$.kr_id', 'type': 'key', 'required': true},
    {'name': 'checkin_date', 'path': '$.date', 'type': 'date', 'required': true},
    {'name': 'checkin_value', 'path': '$.value', 'type': 'decimal', 'required': true},
    {'name': 'author', 'path': '$.author', 'type': 'key', 'required': true},
]) }}
