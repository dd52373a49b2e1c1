{{ typed_records([
    {'name': 'history_number', 'path': '$.id', 'type': 'bigint', 'required': true},
    {'name': 'author_account_id', 'path': '$.author.accountId', 'type': 'key'},
    {'name': 'changed_at', 'path': '$.created', 'type': 'timestamp', 'required': true},
    {'name': 'items', 'path': '$.items', 'type': 'json', 'required': true},
]) }}
