{{ typed_records([
    {'name': 'issue_id', 'path': '$.issueId', 'type': 'key', 'required': true},
    {'name': 'author_account_id', 'path': '$.author.accountId', 'type': 'key'},
    {'name': 'started_at', 'path': '$.started', 'type': 'timestamp', 'required': true},
    {'name': 'time_spent_seconds', 'path': '$.timeSpentSeconds', 'type': 'bigint', 'required': true},
    {'name': 'created_at', 'path': '$.created', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': '$.updated', 'type': 'timestamp'},
]) }}
