{{ typed_records([
    {'name': 'location', 'path': '$.label', 'type': 'text', 'required': true},
    {'name': 'country', 'path': '$.address.countryId', 'type': 'key'},
    {'name': 'is_archived', 'path': '$.archived', 'type': 'boolean'},
]) }}
