{{ typed_records([
    {'name': 'user_id', 'path': '$.user_id', 'type': 'key'},
    {'name': 'amplitude_id', 'path': '$.amplitude_id', 'type': 'key'},
]) }}
