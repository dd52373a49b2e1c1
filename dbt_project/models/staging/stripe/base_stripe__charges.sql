{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('stripe', 'charges') }}", post_hook="{{ close_landing('stripe', 'charges') }}"
) }}

{{ typed_records('stripe', 'charges', [
    {'name': 'customer_id', 'path': '$.customer', 'type': 'key'},
    {'name': 'payment_intent_id', 'path': '$.payment_intent', 'type': 'key'},
    {'name': 'balance_transaction_id', 'path': '$.balance_transaction', 'type': 'key'},
    {'name': 'status', 'path': '$.status', 'type': 'key', 'required': true},
    {'name': 'failure_code', 'path': '$.failure_code', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'bigint', 'required': true},
    {'name': 'amount_captured', 'path': '$.amount_captured', 'type': 'bigint', 'required': true},
    {'name': 'amount_refunded', 'path': '$.amount_refunded', 'type': 'bigint', 'required': true},
    {'name': 'is_paid', 'path': '$.paid', 'type': 'boolean'},
    {'name': 'is_captured', 'path': '$.captured', 'type': 'boolean'},
    {'name': 'is_refunded', 'path': '$.refunded', 'type': 'boolean'},
    {'name': 'is_disputed', 'path': '$.disputed', 'type': 'boolean'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
