{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'customer_map') }}", post_hook="{{ close_landing('files', 'customer_map') }}"
) }}

{{ typed_records('files', 'customer_map', [
    {'name': 'mapped_source', 'path': '$.source', 'type': 'key', 'required': true},
    {'name': 'account_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'customer_id', 'path': '$.customer_id', 'type': 'key', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
