{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('files', 'policy') }}", post_hook="{{ close_landing('files', 'policy') }}"
) }}

{{ typed_records('files', 'policy', [
    {'name': 'reporting_time_zone', 'path': '$.reporting_time_zone', 'type': 'key', 'required': true},
    {'name': 'reporting_currency', 'path': '$.reporting_currency', 'type': 'key', 'required': true},
    {'name': 'account_group', 'path': '$.account_group', 'type': 'key'},
    {'name': 'shared_device_users', 'path': '$.shared_device_users', 'type': 'bigint'},
    {'name': 'bot_markers', 'path': '$.bot_markers', 'type': 'key'},
    {'name': 'adoption_uses', 'path': '$.adoption_uses', 'type': 'bigint'},
]) }}
