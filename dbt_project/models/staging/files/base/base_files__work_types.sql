{{ typed_records([
    {'name': 'mapped_source', 'path': '$.source', 'type': 'key', 'required': true},
    {'name': 'object_type', 'path': '$.object_type', 'type': 'key', 'required': true},
    {'name': 'type_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'kind', 'path': '$.kind', 'type': 'key', 'required': true},
]) }}
