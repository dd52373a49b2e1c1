{{ typed_records([
    {'name': 'objective_id', 'path': '$.id', 'type': 'key', 'required': true},
    {'name': 'cycle_id', 'path': '$.cycle', 'type': 'key', 'required': true},
    {'name': 'objective_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'owner', 'path': '$.owner', 'type': 'key', 'required': true},
    {'name': 'parent_goal_id', 'path': '$.parent', 'type': 'key'},
    {'name': 'link_type', 'path': '$.link', 'type': 'key'},
    {'name': 'product_id', 'path': '$.product_id', 'type': 'key'},
    {'name': 'weight', 'path': '$.weight', 'type': 'decimal'},
    {'name': 'status', 'path': '$.status', 'type': 'key'},
    {'name': 'status_date', 'path': '$.status_date', 'type': 'date'},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
]) }}
