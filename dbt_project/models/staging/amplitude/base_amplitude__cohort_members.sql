{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('amplitude', 'cohort_members') }}", post_hook="{{ close_landing('amplitude', 'cohort_members') }}"
) }}

{{ typed_records('amplitude', 'cohort_members', [
    {'name': 'user_id', 'path': '$.user_id', 'type': 'key'},
    {'name': 'amplitude_id', 'path': '$.amplitude_id', 'type': 'key'},
]) }}
