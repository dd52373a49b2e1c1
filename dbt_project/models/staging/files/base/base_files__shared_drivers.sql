{{ typed_records([
    {'name': 'rules_version', 'path': '$.version', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key', 'required': true},
    {'name': 'shared_driver', 'path': '$.driver', 'type': 'key', 'required': true},
]) }}
