{{ typed_records([
    {'name': 'holiday_name', 'path': '$.name', 'type': 'text'},
    {'name': 'first_date', 'path': '$.start', 'type': 'date', 'required': true},
    {'name': 'last_date', 'path': '$.end', 'type': 'date', 'required': true},
]) }}
