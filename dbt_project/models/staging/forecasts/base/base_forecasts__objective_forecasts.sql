{{ typed_records([
    {'name': 'as_of_date', 'path': '$.as_of_date', 'type': 'date', 'required': true},
    {'name': 'key_results', 'path': '$.key_results', 'type': 'bigint', 'required': true},
    {'name': 'reason', 'path': '$.reason', 'type': 'text'},
    {'name': 'p_all', 'path': '$.p_all', 'type': 'double'},
    {'name': 'lowest', 'path': '$.lowest', 'type': 'double'},
    {'name': 'highest', 'path': '$.highest', 'type': 'double'},
    {'name': 'p10', 'path': '$.p10', 'type': 'double'},
    {'name': 'p50', 'path': '$.p50', 'type': 'double'},
    {'name': 'p90', 'path': '$.p90', 'type': 'double'},
]) }}
