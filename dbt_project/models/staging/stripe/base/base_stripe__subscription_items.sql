{{ typed_records([
    {'name': 'price_id', 'path': '$.price.id', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.price.product', 'type': 'key', 'required': true},
    {'name': 'currency', 'path': '$.price.currency', 'type': 'currency', 'required': true},
    {'name': 'quantity', 'path': '$.quantity', 'type': 'bigint'},
    {'name': 'current_period_starts_at', 'path': '$.current_period_start', 'type': 'unix', 'required': true},
    {'name': 'current_period_ends_at', 'path': '$.current_period_end', 'type': 'unix', 'required': true},
    {'name': 'discounts', 'path': '$.discounts', 'type': 'list', 'each': discount_columns()},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
