{{ typed_records([
    {'name': 'mapped_source', 'path': '$.source', 'type': 'key', 'required': true},
    {'name': 'account_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'customer_id', 'path': '$.customer_id', 'type': 'key', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
