{{ typed_records([
    {'name': 'vendor_name', 'path': '$.vendor', 'type': 'text', 'required': true},
    {'name': 'from_date', 'path': '$.from', 'type': 'date', 'required': true},
    {'name': 'to_date', 'path': '$.to', 'type': 'date', 'required': true},
    {'name': 'team_id', 'path': '$.team_id', 'type': 'key'},
    {'name': 'user_key', 'path': '$.user', 'type': 'key'},
    {'name': 'amount', 'path': '$.amount', 'type': 'fine_decimal', 'required': true},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
]) }}
