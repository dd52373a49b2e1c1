{{ typed_records([
    {'name': 'payment_type', 'path': '$.payment.type', 'type': 'key', 'required': true},
    {'name': 'payment_intent_id', 'path': '$.payment.payment_intent', 'type': 'account_key'},
    {'name': 'charge_id', 'path': '$.payment.charge', 'type': 'account_key'},
    {'name': 'status', 'path': '$.status', 'type': 'key', 'required': true},
    {'name': 'is_default', 'path': '$.is_default', 'type': 'boolean', 'required': true},
    {'name': 'currency', 'path': '$.currency', 'type': 'currency', 'required': true},
    {'name': 'amount_requested', 'path': '$.amount_requested', 'type': 'bigint', 'required': true},
    {'name': 'amount_paid', 'path': '$.amount_paid', 'type': 'bigint'},
    {'name': 'paid_at', 'path': '$.status_transitions.paid_at', 'type': 'unix'},
    {'name': 'canceled_at', 'path': '$.status_transitions.canceled_at', 'type': 'unix'},
    {'name': 'created_at', 'path': '$.created', 'type': 'unix', 'required': true},
]) }}
