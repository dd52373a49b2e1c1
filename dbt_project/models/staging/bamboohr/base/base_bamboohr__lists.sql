{{ typed_records([
    {'name': 'list_name', 'path': '$.name', 'type': 'text'},
    {'name': 'alias', 'path': '$.alias', 'type': 'key'},
    {'name': 'options', 'path': '$.options', 'type': 'json'},
]) }}
