{{ typed_records([
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key', 'required': true},
    {'name': 'market', 'path': '$.market', 'type': 'key'},
    {'name': 'segment', 'path': '$.segment', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'tier', 'path': '$.tier', 'type': 'bigint', 'required': true},
    {'name': 'list_price', 'path': '$.list_price', 'type': 'fine_decimal', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
