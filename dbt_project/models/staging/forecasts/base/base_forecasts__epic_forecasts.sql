{{ typed_records([
    {'name': 'reason', 'path': '$.reason', 'type': 'text'},
    {'name': 'is_calibrated', 'path': '$.is_calibrated', 'type': 'boolean', 'required': true},
    {'name': 'p50_date', 'path': '$.p50_date', 'type': 'date'},
    {'name': 'p85_date', 'path': '$.p85_date', 'type': 'date'},
    {'name': 'p95_date', 'path': '$.p95_date', 'type': 'date'},
    {'name': 'history_weeks', 'path': '$.history_weeks', 'type': 'bigint', 'required': true},
    {'name': 'history_items', 'path': '$.history_items', 'type': 'bigint', 'required': true},
    {'name': 'trials', 'path': '$.trials', 'type': 'bigint', 'required': true},
]) }}
