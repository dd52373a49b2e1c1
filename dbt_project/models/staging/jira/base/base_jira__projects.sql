{{ typed_records([
    {'name': 'project_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'project_name', 'path': '$.name', 'type': 'text'},
    {'name': 'project_style', 'path': '$.style', 'type': 'key'},
    {'name': 'is_archived', 'path': '$.archived', 'type': 'boolean'},
]) }}
