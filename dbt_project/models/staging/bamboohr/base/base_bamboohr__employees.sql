{{ typed_records([
    {'name': 'first_name', 'path': '$.firstName', 'type': 'text'},
    {'name': 'last_name', 'path': '$.lastName', 'type': 'text'},
    {'name': 'work_email', 'path': '$.workEmail', 'type': 'key'},
    {'name': 'activity_status', 'path': '$.status', 'type': 'key', 'required': true},
    {'name': 'hire_date', 'path': '$.hireDate', 'type': 'zero_date'},
    {'name': 'job_title', 'path': '$.jobTitleName', 'type': 'text'},
    {'name': 'department', 'path': '$.departmentName', 'type': 'text'},
    {'name': 'division', 'path': '$.divisionName', 'type': 'text'},
    {'name': 'location', 'path': '$.locationName', 'type': 'text'},
    {'name': 'manager_employee_id', 'path': '$.reportsToId', 'type': 'key'},
]) }}
