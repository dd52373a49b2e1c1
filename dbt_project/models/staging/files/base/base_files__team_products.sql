{{ typed_records([
    {'name': 'team_id', 'path': '$.team_id', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key', 'required': true},
    {'name': 'share', 'path': '$.share', 'type': 'decimal', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
