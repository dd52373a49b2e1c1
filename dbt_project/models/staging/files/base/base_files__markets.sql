{{ typed_records([
    {'name': 'market', 'path': '$.code', 'type': 'key', 'required': true},
    {'name': 'market_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'region', 'path': '$.region', 'type': 'key'},
]) }}
