{{ typed_records([
    {'name': 'customer_id', 'path': '$.customer_id', 'type': 'key', 'required': true},
    {'name': 'customer_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'parent_customer_id', 'path': '$.parent_id', 'type': 'key'},
    {'name': 'segment', 'path': '$.segment', 'type': 'key'},
    {'name': 'market', 'path': '$.market', 'type': 'key'},
    {'name': 'country', 'path': '$.country', 'type': 'key'},
    {'name': 'industry', 'path': '$.industry', 'type': 'key'},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
