{{ typed_records([
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'fiscal_year', 'path': '$.fiscal_year', 'type': 'key', 'required': true},
    {'name': 'rate', 'path': '$.rate', 'type': 'fine_decimal', 'required': true},
]) }}
