{{ typed_records([
    {'name': 'link_type', 'path': '$.link_type', 'type': 'key', 'required': true},
    {'name': 'direction', 'path': '$.direction', 'type': 'key', 'required': true},
]) }}
