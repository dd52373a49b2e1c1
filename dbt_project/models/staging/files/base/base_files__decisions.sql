{{ typed_records([
    {'name': 'decision_id', 'path': '$.decision_id', 'type': 'key', 'required': true},
    {'name': 'title', 'path': '$.title', 'type': 'text', 'required': true},
    {'name': 'owner', 'path': '$.owner', 'type': 'key', 'required': true},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key'},
    {'name': 'raised_at', 'path': '$.raised_at', 'type': 'timestamp', 'required': true},
    {'name': 'data_ready_at', 'path': '$.data_ready_at', 'type': 'timestamp'},
    {'name': 'proposed_at', 'path': '$.proposed_at', 'type': 'timestamp'},
    {'name': 'decided_at', 'path': '$.decided_at', 'type': 'timestamp'},
    {'name': 'withdrawn_at', 'path': '$.withdrawn_at', 'type': 'timestamp'},
]) }}
