{{ typed_records([
    {'name': 'rate_date', 'path': '$.date', 'type': 'date', 'required': true},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'rate', 'path': '$.rate', 'type': 'fine_decimal', 'required': true},
]) }}
