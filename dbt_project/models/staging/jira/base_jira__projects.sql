{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'projects') }}", post_hook="{{ close_landing('jira', 'projects') }}"
) }}

{{ typed_records('jira', 'projects', [
    {'name': 'project_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'project_name', 'path': '$.name', 'type': 'text'},
    {'name': 'project_style', 'path': '$.style', 'type': 'key'},
    {'name': 'is_archived', 'path': '$.archived', 'type': 'boolean'},
]) }}
