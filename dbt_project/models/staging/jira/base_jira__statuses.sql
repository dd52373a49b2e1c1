{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'statuses') }}", post_hook="{{ close_landing('jira', 'statuses') }}"
) }}

{{ typed_records('jira', 'statuses', [
    {'name': 'status_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'status_category', 'path': '$.statusCategory.key', 'type': 'key'},
]) }}
