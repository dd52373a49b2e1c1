{{ typed_records([
    {'name': 'customer_name', 'path': '$.name', 'type': 'text'},
    {'name': 'country', 'path': '$.address.country', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency'},
    {'name': 'balance', 'path': '$.balance', 'type': 'bigint'},
    {'name': 'is_delinquent', 'path': '$.delinquent', 'type': 'boolean'},
    {'name': 'discount_id', 'path': '$.discount.id', 'type': 'account_key'},
    {'name': 'discount_coupon_id', 'path': '$.discount.source.coupon', 'type': 'account_key'},
    {'name': 'discount_starts_at', 'path': '$.discount.start', 'type': 'unix'},
    {'name': 'discount_ends_at', 'path': '$.discount.end', 'type': 'unix'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
