{{ typed_records([
    {'name': 'event_type', 'path': '$.value', 'type': 'key', 'required': true},
    {'name': 'event_type_name', 'path': '$.display', 'type': 'text'},
    {'name': 'week_total', 'path': '$.totals', 'type': 'bigint'},
    {'name': 'is_hidden', 'path': '$.hidden', 'type': 'boolean'},
    {'name': 'is_removed', 'path': '$.deleted', 'type': 'boolean'},
    {'name': 'is_passive', 'path': '$.non_active', 'type': 'boolean'},
]) }}
