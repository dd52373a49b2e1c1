{{ typed_records([
    {'name': 'work_item_key', 'path': '$.work_item', 'type': 'key', 'required': true},
    {'name': 'key_result_id', 'path': '$.key_result_id', 'type': 'key', 'required': true},
    {'name': 'share', 'path': '$.share', 'type': 'decimal'},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
