{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'sprints') }}", post_hook="{{ close_landing('jira', 'sprints') }}"
) }}

{{ typed_records('jira', 'sprints', [
    {'name': 'sprint_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'sprint_state', 'path': '$.state', 'type': 'key'},
    {'name': 'board_id', 'path': '$.originBoardId', 'type': 'key'},
    {'name': 'started_at', 'path': '$.startDate', 'type': 'timestamp'},
    {'name': 'planned_end_at', 'path': '$.endDate', 'type': 'timestamp'},
    {'name': 'completed_at', 'path': '$.completeDate', 'type': 'timestamp'},
    {'name': 'goal', 'path': '$.goal', 'type': 'text'},
]) }}
