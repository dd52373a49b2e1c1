{{ typed_records([
    {'name': 'account_group', 'path': '$.account_group', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key'},
    {'name': 'fiscal_period', 'path': '$.period', 'type': 'key', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'fine_decimal', 'required': true},
]) }}
