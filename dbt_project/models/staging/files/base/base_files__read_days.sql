{{ typed_records([
    {'name': 'read_date', 'path': '$.day', 'type': 'date', 'required': true},
]) }}
