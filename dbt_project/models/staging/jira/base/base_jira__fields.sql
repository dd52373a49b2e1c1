{{ typed_records([
    {'name': 'field_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'untranslated_name', 'path': '$.untranslatedName', 'type': 'text'},
    {'name': 'clause_names', 'path': '$.clauseNames', 'type': 'json'},
    {'name': 'is_custom', 'path': '$.custom', 'type': 'boolean'},
    {'name': 'value_type', 'path': '$.schema.type', 'type': 'key'},
    {'name': 'custom_type', 'path': '$.schema.custom', 'type': 'key'},
]) }}
