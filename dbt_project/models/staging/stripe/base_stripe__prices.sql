{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('stripe', 'prices') }}", post_hook="{{ close_landing('stripe', 'prices') }}"
) }}

{{ typed_records('stripe', 'prices', [
    {'name': 'product_id', 'path': '$.product', 'type': 'key', 'required': true},
    {'name': 'is_active', 'path': '$.active', 'type': 'boolean', 'required': true},
    {'name': 'nickname', 'path': '$.nickname', 'type': 'text'},
    {'name': 'lookup_key', 'path': '$.lookup_key', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'price_type', 'path': '$.type', 'type': 'key', 'required': true},
    {'name': 'interval_unit', 'path': '$.recurring.interval', 'type': 'key'},
    {'name': 'interval_count', 'path': '$.recurring.interval_count', 'type': 'bigint'},
    {'name': 'usage_type', 'path': '$.recurring.usage_type', 'type': 'key'},
    {'name': 'billing_scheme', 'path': '$.billing_scheme', 'type': 'key', 'required': true},
    {'name': 'unit_amount', 'path': '$.unit_amount', 'type': 'bigint'},
    {'name': 'unit_amount_decimal', 'path': '$.unit_amount_decimal', 'type': 'fine_decimal'},
    {'name': 'tiers_mode', 'path': '$.tiers_mode', 'type': 'key'},
    {'name': 'tiers', 'path': '$.tiers', 'type': 'list', 'each': tier_columns()},
    {'name': 'divide_quantity_by', 'path': '$.transform_quantity.divide_by', 'type': 'bigint'},
    {'name': 'round_quantity', 'path': '$.transform_quantity.round', 'type': 'key'},
    {'name': 'tax_behavior', 'path': '$.tax_behavior', 'type': 'key'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
