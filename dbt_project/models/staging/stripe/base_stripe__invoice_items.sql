{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('stripe', 'invoice_items') }}", post_hook="{{ close_landing('stripe', 'invoice_items') }}"
) }}

{{ typed_records('stripe', 'invoice_items', [
    {'name': 'customer_id', 'path': '$.customer', 'type': 'key', 'required': true},
    {'name': 'invoice_id', 'path': '$.invoice', 'type': 'key'},
    {'name': 'subscription_id', 'path': '$.parent.subscription_details.subscription', 'type': 'key'},
    {'name': 'subscription_item_id', 'path': '$.parent.subscription_details.subscription_item', 'type': 'key'},
    {'name': 'description', 'path': '$.description', 'type': 'text'},
    {'name': 'product_id', 'path': '$.pricing.price_details.product', 'type': 'key'},
    {'name': 'price_id', 'path': '$.pricing.price_details.price', 'type': 'key'},
    {'name': 'quantity', 'path': '$.quantity', 'type': 'bigint'},
    {'name': 'unit_amount_decimal', 'path': '$.pricing.unit_amount_decimal', 'type': 'fine_decimal'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'bigint', 'required': true},
    {'name': 'is_proration', 'path': '$.proration', 'type': 'boolean', 'required': true},
    {'name': 'service_starts_at', 'path': '$.period.start', 'type': 'unix', 'required': true},
    {'name': 'service_ends_at', 'path': '$.period.end', 'type': 'unix', 'required': true},
    {'name': 'created_at', 'path': '$.date', 'type': 'unix', 'required': true},
]) }}
