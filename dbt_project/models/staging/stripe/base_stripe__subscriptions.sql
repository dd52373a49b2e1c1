{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('stripe', 'subscriptions') }}", post_hook="{{ close_landing('stripe', 'subscriptions') }}"
) }}

{{ typed_records('stripe', 'subscriptions', [
    {'name': 'customer_id', 'path': '$.customer', 'type': 'key', 'required': true},
    {'name': 'status', 'path': '$.status', 'type': 'key', 'required': true},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'collection_method', 'path': '$.collection_method', 'type': 'key'},
    {'name': 'started_at', 'path': '$.start_date', 'type': 'unix', 'required': true},
    {'name': 'billing_anchor_at', 'path': '$.billing_cycle_anchor', 'type': 'unix'},
    {'name': 'trial_starts_at', 'path': '$.trial_start', 'type': 'unix'},
    {'name': 'trial_ends_at', 'path': '$.trial_end', 'type': 'unix'},
    {'name': 'cancels_at_period_end', 'path': '$.cancel_at_period_end', 'type': 'boolean'},
    {'name': 'cancel_at', 'path': '$.cancel_at', 'type': 'unix'},
    {'name': 'canceled_at', 'path': '$.canceled_at', 'type': 'unix'},
    {'name': 'ended_at', 'path': '$.ended_at', 'type': 'unix'},
    {'name': 'cancellation_reason', 'path': '$.cancellation_details.reason', 'type': 'key'},
    {'name': 'cancellation_feedback', 'path': '$.cancellation_details.feedback', 'type': 'key'},
    {'name': 'pause_behavior', 'path': '$.pause_collection.behavior', 'type': 'key'},
    {'name': 'pause_resumes_at', 'path': '$.pause_collection.resumes_at', 'type': 'unix'},
    {'name': 'discounts', 'path': '$.discounts', 'type': 'list', 'each': discount_columns()},
    {'name': 'latest_invoice_id', 'path': '$.latest_invoice', 'type': 'key'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
