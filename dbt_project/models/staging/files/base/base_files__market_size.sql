{{ typed_records([
    {'name': 'market', 'path': '$.market', 'type': 'key', 'required': true},
    {'name': 'segment', 'path': '$.segment', 'type': 'key'},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key'},
    {'name': 'calendar_year', 'path': '$.year', 'type': 'bigint', 'required': true},
    {'name': 'tam_amount', 'path': '$.tam', 'type': 'fine_decimal', 'required': true},
    {'name': 'sam_amount', 'path': '$.sam', 'type': 'fine_decimal', 'required': true},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
]) }}
