{{ typed_records([
    {'name': 'field_name', 'path': '$.name', 'type': 'text'},
    {'name': 'alias', 'path': '$.alias', 'type': 'key'},
    {'name': 'field_type', 'path': '$.type', 'type': 'key'},
]) }}
