{{ typed_records([
    {'name': 'charge_id', 'path': '$.charge', 'type': 'account_key'},
    {'name': 'payment_intent_id', 'path': '$.payment_intent', 'type': 'account_key'},
    {'name': 'balance_transaction_id', 'path': '$.balance_transaction', 'type': 'account_key'},
    {'name': 'status', 'path': '$.status', 'type': 'key'},
    {'name': 'reason', 'path': '$.reason', 'type': 'key'},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'amount', 'path': '$.amount', 'type': 'bigint', 'required': true},
    {'name': 'metadata', 'path': '$.metadata', 'type': 'json'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
