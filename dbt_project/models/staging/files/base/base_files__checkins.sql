{{ typed_records([
    {'name': 'kr_id', 'path': '$.kr_id', 'type': 'key', 'required': true},
    {'name': 'checkin_date', 'path': '$.day', 'type': 'date', 'required': true},
    {'name': 'checkin_at', 'path': '$.at', 'type': 'timestamp'},
    {'name': 'place', 'path': '$.place', 'type': 'bigint', 'required': true},
    {'name': 'checkin_value', 'path': '$.value', 'type': 'decimal', 'required': true},
    {'name': 'author', 'path': '$.author', 'type': 'key', 'required': true},
    {'name': 'overrides', 'path': '$.overrides', 'type': 'boolean'},
]) }}
