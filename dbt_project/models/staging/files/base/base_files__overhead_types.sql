{{ typed_records([
    {'name': 'rules_version', 'path': '$.version', 'type': 'key', 'required': true},
    {'name': 'cost_type', 'path': '$.cost_type', 'type': 'key', 'required': true},
]) }}
