{{ typed_records([
    {'name': 'as_of_date', 'path': '$.as_of_date', 'type': 'date', 'required': true},
    {'name': 'age', 'path': '$.age', 'type': 'key', 'required': true},
    {'name': 'bin', 'path': '$.bin', 'type': 'key', 'required': true},
    {'name': 'cycles', 'path': '$.cycles', 'type': 'bigint', 'required': true},
    {'name': 'forecasts', 'path': '$.forecasts', 'type': 'bigint', 'required': true},
    {'name': 'intervals', 'path': '$.intervals', 'type': 'bigint', 'required': true},
    {'name': 'inside', 'path': '$.inside', 'type': 'bigint', 'required': true},
    {'name': 'reason', 'path': '$.reason', 'type': 'text'},
    {'name': 'said', 'path': '$.said', 'type': 'double'},
    {'name': 'came', 'path': '$.came', 'type': 'double'},
    {'name': 'brier', 'path': '$.brier', 'type': 'double'},
]) }}
