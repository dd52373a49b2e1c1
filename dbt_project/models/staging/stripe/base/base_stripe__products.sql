{{ typed_records([
    {'name': 'product_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'is_active', 'path': '$.active', 'type': 'boolean', 'required': true},
    {'name': 'default_price_id', 'path': '$.default_price', 'type': 'account_key'},
    {'name': 'unit_label', 'path': '$.unit_label', 'type': 'text'},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
    {'name': 'updated_at', 'path': '$.updated', 'type': 'unix'},
]) }}
