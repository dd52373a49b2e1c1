{{ typed_records([
    {'name': 'account_id', 'path': '$.account', 'type': 'key', 'required': true},
    {'name': 'statement_group', 'path': '$.statement_group', 'type': 'key', 'required': true},
    {'name': 'cost_type', 'path': '$.cost_type', 'type': 'key'},
    {'name': 'function_name', 'path': '$.function', 'type': 'key'},
    {'name': 'statement_sign', 'path': '$.sign', 'type': 'bigint', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
