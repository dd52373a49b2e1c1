{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'changelogs') }}", post_hook="{{ close_landing('jira', 'changelogs') }}"
) }}

{{ typed_records('jira', 'changelogs', [
    {'name': 'history_number', 'path': '$.id', 'type': 'bigint', 'required': true},
    {'name': 'author_account_id', 'path': '$.author.accountId', 'type': 'key'},
    {'name': 'changed_at', 'path': '$.created', 'type': 'timestamp', 'required': true},
    {'name': 'items', 'path': '$.items', 'type': 'json', 'required': true},
]) }}
