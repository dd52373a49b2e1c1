{{ typed_records([
    {'name': 'epic_key', 'path': '$.epic', 'type': 'key', 'required': true},
    {'name': 'regime', 'path': '$.regime', 'type': 'key', 'required': true},
    {'name': 'criterion', 'path': '$.criterion', 'type': 'key', 'required': true},
    {'name': 'met_date', 'path': '$.met_on', 'type': 'date', 'required': true},
    {'name': 'approver', 'path': '$.approver', 'type': 'text', 'required': true},
]) }}
