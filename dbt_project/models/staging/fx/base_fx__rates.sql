{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('fx', 'rates') }}", post_hook="{{ close_landing('fx', 'rates') }}"
) }}

{{ typed_records('fx', 'rates', [
    {'name': 'rate_date', 'path': '$.date', 'type': 'date', 'required': true},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'rate', 'path': '$.rate', 'type': 'fine_decimal', 'required': true},
]) }}
