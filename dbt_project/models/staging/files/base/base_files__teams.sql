{{ typed_records([
    {'name': 'team_id', 'path': '$.team_id', 'type': 'key', 'required': true},
    {'name': 'team_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'team_type', 'path': '$.type', 'type': 'key'},
    {'name': 'function_name', 'path': '$.function', 'type': 'key'},
    {'name': 'parent_team_id', 'path': '$.parent_id', 'type': 'key'},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
