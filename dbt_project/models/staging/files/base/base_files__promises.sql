{{ typed_records([
    {'name': 'promise_id', 'path': '$.promise_id', 'type': 'key', 'required': true},
    {'name': 'work_item_key', 'path': '$.work_item', 'type': 'key', 'required': true},
    {'name': 'metric', 'path': '$.metric', 'type': 'key'},
    {'name': 'product_id', 'path': '$.slice', 'type': 'key'},
    {'name': 'feature_id', 'path': '$.feature', 'type': 'key'},
    {'name': 'promised_size', 'path': '$.size', 'type': 'decimal'},
    {'name': 'size_kind', 'path': '$.kind', 'type': 'key'},
    {'name': 'promised_date', 'path': '$.date', 'type': 'date'},
    {'name': 'registered_at', 'path': '$.registered_at', 'type': 'timestamp', 'required': true},
]) }}
