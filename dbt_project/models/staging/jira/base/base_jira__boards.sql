{{ typed_records([
    {'name': 'board_name', 'path': '$.name', 'type': 'text'},
    {'name': 'board_type', 'path': '$.type', 'type': 'key'},
    {'name': 'project_id', 'path': '$.location.projectId', 'type': 'key'},
    {'name': 'project_key', 'path': '$.location.projectKey', 'type': 'key'},
]) }}
