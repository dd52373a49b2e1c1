{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('amplitude', 'cohorts') }}", post_hook="{{ close_landing('amplitude', 'cohorts') }}"
) }}

{{ typed_records('amplitude', 'cohorts', [
    {'name': 'cohort_key', 'path': '$.id', 'type': 'key', 'required': true},
    {'name': 'cohort_name', 'path': '$.name', 'type': 'text'},
    {'name': 'members', 'path': '$.size', 'type': 'bigint'},
    {'name': 'is_archived', 'path': '$.archived', 'type': 'boolean'},
    {'name': 'is_published', 'path': '$.published', 'type': 'boolean'},
    {'name': 'last_computed', 'path': '$.lastComputed', 'type': 'text'},
]) }}
