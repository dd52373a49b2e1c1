{{ typed_records([
    {'name': 'mapped_source', 'path': '$.source', 'type': 'key', 'required': true},
    {'name': 'person_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'worker_id', 'path': '$.worker_id', 'type': 'key', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
