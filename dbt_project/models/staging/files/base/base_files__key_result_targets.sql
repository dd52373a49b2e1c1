{{ typed_records([
    {'name': 'kr_id', 'path': '$.key_result', 'type': 'key', 'required': true},
    {'name': 'revised_date', 'path': '$.date', 'type': 'date', 'required': true},
    {'name': 'target_value', 'path': '$.target', 'type': 'decimal', 'required': true},
]) }}
