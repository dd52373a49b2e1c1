{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('jira', 'fields') }}", post_hook="{{ close_landing('jira', 'fields') }}"
) }}

{{ typed_records('jira', 'fields', [
    {'name': 'field_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'is_custom', 'path': '$.custom', 'type': 'boolean'},
    {'name': 'value_type', 'path': '$.schema.type', 'type': 'key'},
    {'name': 'custom_type', 'path': '$.schema.custom', 'type': 'key'},
]) }}
