{{ typed_records([
    {'name': 'source_id', 'path': '$.source', 'type': 'account_key'},
    {'name': 'transaction_type', 'path': '$.type', 'type': 'key', 'required': true},
    {'name': 'reporting_category', 'path': '$.reporting_category', 'type': 'key'},
    {'name': 'status', 'path': '$.status', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'bigint', 'required': true},
    {'name': 'fee', 'path': '$.fee', 'type': 'bigint', 'required': true},
    {'name': 'net', 'path': '$.net', 'type': 'bigint', 'required': true},
    {'name': 'available_at', 'path': '$.available_on', 'type': 'unix'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
