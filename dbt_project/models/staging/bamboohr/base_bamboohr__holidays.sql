{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'holidays') }}", post_hook="{{ close_landing('bamboohr', 'holidays') }}"
) }}

{{ typed_records('bamboohr', 'holidays', [
    {'name': 'holiday_name', 'path': '$.name', 'type': 'text'},
    {'name': 'first_date', 'path': '$.start', 'type': 'date', 'required': true},
    {'name': 'last_date', 'path': '$.end', 'type': 'date', 'required': true},
]) }}
