{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('amplitude', 'event_types') }}", post_hook="{{ close_landing('amplitude', 'event_types') }}"
) }}

{{ typed_records('amplitude', 'event_types', [
    {'name': 'event_type', 'path': '$.value', 'type': 'key', 'required': true},
    {'name': 'event_type_name', 'path': '$.display', 'type': 'text'},
    {'name': 'week_total', 'path': '$.totals', 'type': 'bigint'},
    {'name': 'is_hidden', 'path': '$.hidden', 'type': 'boolean'},
    {'name': 'is_removed', 'path': '$.deleted', 'type': 'boolean'},
    {'name': 'is_passive', 'path': '$.non_active', 'type': 'boolean'},
]) }}
