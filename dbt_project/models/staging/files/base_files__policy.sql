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
    {'name': 'churn_date', 'path': '$.churn_date', 'type': 'key'},
    {'name': 'late_renewal_days', 'path': '$.late_renewal_days', 'type': 'bigint'},
    {'name': 'past_due_days', 'path': '$.past_due_days', 'type': 'bigint'},
    {'name': 'paused_counts', 'path': '$.paused_counts', 'type': 'boolean'},
    {'name': 'trials_count', 'path': '$.trials_count', 'type': 'boolean'},
    {'name': 'dated_credits_count', 'path': '$.dated_credits_count', 'type': 'boolean'},
    {'name': 'reactivation_retains', 'path': '$.reactivation_retains', 'type': 'boolean'},
    {'name': 'price_min_observations', 'path': '$.price_min_observations', 'type': 'bigint'},
]) }}
