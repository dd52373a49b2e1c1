{{ typed_records([
    {'name': 'mapped_source', 'path': '$.source', 'type': 'key', 'required': true},
    {'name': 'object_type', 'path': '$.object_type', 'type': 'key', 'required': true},
    {'name': 'match_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'match_type', 'path': '$.match', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key', 'required': true},
    {'name': 'weight', 'path': '$.weight', 'type': 'decimal', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
    {'name': 'reason', 'path': '$.reason', 'type': 'text'},
]) }}
