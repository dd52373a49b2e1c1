{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'time_off_requests') }}", post_hook="{{ close_landing('bamboohr', 'time_off_requests') }}"
) }}

{{ typed_records('bamboohr', 'time_off_requests', [
    {'name': 'employee_id', 'path': '$.employeeId', 'type': 'key', 'required': true},
    {'name': 'request_status', 'path': '$.status.status', 'type': 'key', 'required': true},
    {'name': 'first_date', 'path': '$.start', 'type': 'date', 'required': true},
    {'name': 'last_date', 'path': '$.end', 'type': 'date', 'required': true},
    {'name': 'time_off_type', 'path': '$.type.name', 'type': 'text'},
    {'name': 'unit', 'path': '$.amount.unit', 'type': 'key'},
    {'name': 'amount', 'path': '$.amount.amount', 'type': 'decimal'},
    {'name': 'amount_by_date', 'path': '$.dates', 'type': 'json'},
]) }}
