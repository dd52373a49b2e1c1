{{ typed_records([
    {'name': 'status_name', 'path': '$.name', 'type': 'text', 'required': true},
    {'name': 'untranslated_name', 'path': '$.untranslatedName', 'type': 'text'},
    {'name': 'status_category', 'path': '$.statusCategory.key', 'type': 'key'},
]) }}
