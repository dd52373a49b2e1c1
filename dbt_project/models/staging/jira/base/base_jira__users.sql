{{ typed_records([
    {'name': 'display_name', 'path': '$.displayName', 'type': 'text'},
    {'name': 'account_type', 'path': '$.accountType', 'type': 'key'},
    {'name': 'is_active', 'path': '$.active', 'type': 'boolean'},
    {'name': 'time_zone', 'path': '$.timeZone', 'type': 'key'},
]) }}
