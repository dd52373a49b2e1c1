{{ typed_records([
    {'name': 'vendor_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'worker_id', 'path': '$.worker_id', 'type': 'key'},
    {'name': 'agency', 'path': '$.agency', 'type': 'key'},
    {'name': 'cost_type', 'path': '$.cost_type', 'type': 'key', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
