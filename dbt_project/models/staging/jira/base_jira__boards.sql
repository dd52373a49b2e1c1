{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'boards') }}", post_hook="{{ close_landing('jira', 'boards') }}"
) }}

{{ typed_records('jira', 'boards', [
    {'name': 'board_name', 'path': '$.name', 'type': 'text'},
    {'name': 'board_type', 'path': '$.type', 'type': 'key'},
    {'name': 'project_id', 'path': '$.location.projectId', 'type': 'key'},
    {'name': 'project_key', 'path': '$.location.projectKey', 'type': 'key'},
]) }}
