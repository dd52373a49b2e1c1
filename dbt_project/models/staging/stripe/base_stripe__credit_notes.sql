{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('stripe', 'credit_notes') }}", post_hook="{{ close_landing('stripe', 'credit_notes') }}"
) }}

{{ typed_records('stripe', 'credit_notes', [
    {'name': 'invoice_id', 'path': '$.invoice', 'type': 'key', 'required': true},
    {'name': 'customer_id', 'path': '$.customer', 'type': 'key'},
    {'name': 'credit_note_number', 'path': '$.number', 'type': 'key'},
    {'name': 'status', 'path': '$.status', 'type': 'key', 'required': true},
    {'name': 'reason', 'path': '$.reason', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'subtotal', 'path': '$.subtotal', 'type': 'bigint', 'required': true},
    {'name': 'discount_amounts', 'path': '$.discount_amounts', 'type': 'list', 'each': amount_columns()},
    {'name': 'taxes', 'path': '$.total_taxes', 'type': 'list', 'each': tax_columns()},
    {'name': 'total', 'path': '$.total', 'type': 'bigint', 'required': true},
    {'name': 'total_excluding_tax', 'path': '$.total_excluding_tax', 'type': 'bigint'},
    {'name': 'pre_payment', 'path': '$.pre_payment_amount', 'type': 'bigint'},
    {'name': 'post_payment', 'path': '$.post_payment_amount', 'type': 'bigint'},
    {'name': 'out_of_band', 'path': '$.out_of_band_amount', 'type': 'bigint'},
    {'name': 'refunds', 'path': '$.refunds', 'type': 'list', 'each': [{'path': '$.amount_refunded', 'type': 'bigint', 'required': true}]},
    {'name': 'effective_at', 'path': '$.effective_at', 'type': 'unix'},
    {'name': 'voided_at', 'path': '$.voided_at', 'type': 'unix'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
