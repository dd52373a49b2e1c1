{{ typed_records([
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key', 'required': true},
    {'name': 'product_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'level', 'path': '$.level', 'type': 'key', 'required': true},
    {'name': 'parent_product_id', 'path': '$.parent_id', 'type': 'key'},
    {'name': 'owner', 'path': '$.owner', 'type': 'key'},
    {'name': 'lifecycle', 'path': '$.lifecycle', 'type': 'key'},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
