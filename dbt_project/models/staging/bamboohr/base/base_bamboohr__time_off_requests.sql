{{ typed_records([
    {'name': 'employee_id', 'path': '$.employeeId', 'type': 'key', 'required': true},
    {'name': 'request_status', 'path': '$.status.status', 'type': 'key', 'required': true},
    {'name': 'first_date', 'path': '$.start', 'type': 'date', 'required': true},
    {'name': 'last_date', 'path': '$.end', 'type': 'date', 'required': true},
    {'name': 'time_off_type', 'path': '$.type.name', 'type': 'text'},
    {'name': 'unit', 'path': '$.amount.unit', 'type': 'key'},
    {'name': 'amount', 'path': '$.amount.amount', 'type': 'decimal'},
    {'name': 'amount_by_date', 'path': '$.dates', 'type': 'json'},
]) }}
