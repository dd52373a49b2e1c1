{{ typed_records([
    {'name': 'kr_id', 'path': '$.id', 'type': 'key', 'required': true},
    {'name': 'objective_id', 'path': '$.objective', 'type': 'key', 'required': true},
    {'name': 'kr_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'kr_type', 'path': '$.type', 'type': 'key', 'required': true},
    {'name': 'unit', 'path': '$.unit', 'type': 'key'},
    {'name': 'start_value', 'path': '$.start', 'type': 'decimal'},
    {'name': 'target_value', 'path': '$.target', 'type': 'decimal'},
    {'name': 'weight', 'path': '$.weight', 'type': 'decimal', 'required': true},
    {'name': 'metric', 'path': '$.metric', 'type': 'key', 'required': true},
]) }}
