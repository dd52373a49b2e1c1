{{ typed_records([
    {'name': 'cycle_id', 'path': '$.id', 'type': 'key', 'required': true},
    {'name': 'cycle_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'start_date', 'path': '$.start', 'type': 'date', 'required': true},
    {'name': 'end_date', 'path': '$.end', 'type': 'date', 'required': true},
]) }}
