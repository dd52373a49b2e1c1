{{ typed_records([
    {'name': 'segment', 'path': '$.code', 'type': 'key', 'required': true},
    {'name': 'segment_name', 'path': '$.name', 'type': 'text', 'required': true},
]) }}
