-- All versions: a status that the site deleted keeps the name and the category that it had.
{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records([
    {'name': 'status_name', 'path': '$.name', 'type': 'text'},
    {'name': 'untranslated_name', 'path': '$.untranslatedName', 'type': 'text'},
    {'name': 'status_category', 'path': '$.statusCategory.key', 'type': 'key'},
    {'name': 'scope_project_id', 'path': '$.scope.project.id', 'type': 'key'},
], every_version=true) }}
