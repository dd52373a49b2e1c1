{{ typed_records([
    {'name': 'fiscal_period', 'path': '$.period', 'type': 'key', 'required': true},
    {'name': 'fiscal_year', 'path': '$.fiscal_year', 'type': 'key', 'required': true},
    {'name': 'fiscal_quarter', 'path': '$.quarter', 'type': 'key', 'required': true},
    {'name': 'period_number', 'path': '$.number', 'type': 'bigint', 'required': true},
    {'name': 'first_date', 'path': '$.first_day', 'type': 'date', 'required': true},
    {'name': 'last_date', 'path': '$.last_day', 'type': 'date', 'required': true},
]) }}
