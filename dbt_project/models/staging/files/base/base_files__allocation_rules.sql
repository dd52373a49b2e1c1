{{ typed_records([
    {'name': 'rules_version', 'path': '$.version', 'type': 'key', 'required': true},
    {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
    {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
    {'name': 'payroll_by_function', 'path': '$.payroll_by_function', 'type': 'boolean', 'required': true},
    {'name': 'classed_payroll', 'path': '$.payroll_classed', 'type': 'key', 'required': true},
    {'name': 'shared_method', 'path': '$.shared_method', 'type': 'key', 'required': true},
    {'name': 'shared_driver', 'path': '$.shared_driver', 'type': 'key', 'required': true},
    {'name': 'overhead_driver', 'path': '$.overhead_driver', 'type': 'key', 'required': true},
]) }}
