{{ typed_records([
    {'name': 'country', 'path': '$.country', 'type': 'key', 'required': true},
    {'name': 'holiday_date', 'path': '$.date', 'type': 'date', 'required': true},
]) }}
