{{ typed_records([
    {'name': 'child_id', 'path': '$.child', 'type': 'key', 'required': true},
    {'name': 'parent_goal_id', 'path': '$.parent', 'type': 'key', 'required': true},
    {'name': 'link_type', 'path': '$.link', 'type': 'key', 'required': true},
    {'name': 'share', 'path': '$.share', 'type': 'decimal'},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
