{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'users') }}", post_hook="{{ close_landing('jira', 'users') }}"
) }}

{{ typed_records('jira', 'users', [
    {'name': 'display_name', 'path': '$.displayName', 'type': 'text'},
    {'name': 'account_type', 'path': '$.accountType', 'type': 'key'},
    {'name': 'is_active', 'path': '$.active', 'type': 'boolean'},
    {'name': 'time_zone', 'path': '$.timeZone', 'type': 'key'},
]) }}
