{{ typed_records([
    {'name': 'coupon_name', 'path': '$.name', 'type': 'text'},
    {'name': 'percent_off', 'path': '$.percent_off', 'type': 'decimal'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency'},
    {'name': 'amount_off', 'path': '$.amount_off', 'type': 'bigint'},
    {'name': 'duration', 'path': '$.duration', 'type': 'key', 'required': true},
    {'name': 'duration_in_months', 'path': '$.duration_in_months', 'type': 'bigint'},
    {'name': 'product_ids', 'path': '$.applies_to.products', 'type': 'json'},
    {'name': 'redeem_by_at', 'path': '$.redeem_by', 'type': 'unix'},
    {'name': 'is_valid', 'path': '$.valid', 'type': 'boolean'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
], has_account=true) }}
