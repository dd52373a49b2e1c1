{{ typed_records([
    {'name': 'cohort_key', 'path': '$.id', 'type': 'key', 'required': true},
    {'name': 'cohort_name', 'path': '$.name', 'type': 'text'},
    {'name': 'members', 'path': '$.size', 'type': 'bigint'},
    {'name': 'is_archived', 'path': '$.archived', 'type': 'boolean'},
    {'name': 'is_published', 'path': '$.published', 'type': 'boolean'},
    {'name': 'last_computed', 'path': '$.lastComputed', 'type': 'text'},
]) }}
