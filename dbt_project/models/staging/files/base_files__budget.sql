{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'budget') }}", post_hook="{{ close_landing('files', 'budget') }}"
) }}

{{ typed_records('files', 'budget', [
    {'name': 'account_group', 'path': '$.account_group', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key'},
    {'name': 'fiscal_period', 'path': '$.period', 'type': 'key', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'fine_decimal', 'required': true},
]) }}
