{{ typed_records([
    {'name': 'sprint_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'sprint_state', 'path': '$.state', 'type': 'key'},
    {'name': 'board_id', 'path': '$.originBoardId', 'type': 'key'},
    {'name': 'started_at', 'path': '$.startDate', 'type': 'timestamp'},
    {'name': 'planned_end_at', 'path': '$.endDate', 'type': 'timestamp'},
    {'name': 'completed_at', 'path': '$.completeDate', 'type': 'timestamp'},
    {'name': 'goal', 'path': '$.goal', 'type': 'text'},
]) }}
