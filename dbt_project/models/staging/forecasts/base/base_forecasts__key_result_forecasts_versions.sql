{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records([
    {'name': 'as_of_date', 'path': '$.as_of_date', 'type': 'date', 'required': true},
    {'name': 'cycles', 'path': '$.cycles', 'type': 'bigint', 'required': true},
    {'name': 'learned_from', 'path': '$.learned_from', 'type': 'bigint', 'required': true},
    {'name': 'reason', 'path': '$.reason', 'type': 'text'},
    {'name': 'p_hit', 'path': '$.p_hit', 'type': 'double'},
    {'name': 'p10', 'path': '$.p10', 'type': 'double'},
    {'name': 'p50', 'path': '$.p50', 'type': 'double'},
    {'name': 'p90', 'path': '$.p90', 'type': 'double'},
    {'name': 'expected', 'path': '$.expected', 'type': 'double'},
    {'name': 'usual_pace', 'path': '$.usual_pace', 'type': 'double'},
], every_version=true) }}
