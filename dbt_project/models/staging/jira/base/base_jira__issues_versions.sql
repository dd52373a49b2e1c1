-- All versions, of what an issue says about other records: it may be the only one that ever named them.
{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records([
    {'name': 'project_id', 'path': '$.fields.project.id', 'type': 'key'},
    {'name': 'project_key', 'path': '$.fields.project.key', 'type': 'key'},
    {'name': 'status_id', 'path': '$.fields.status.id', 'type': 'key'},
    {'name': 'status_name', 'path': '$.fields.status.name', 'type': 'text'},
    {'name': 'untranslated_name', 'path': '$.fields.status.untranslatedName', 'type': 'text'},
    {'name': 'status_category', 'path': '$.fields.status.statusCategory.key', 'type': 'key'},
    {'name': 'scope_project_id', 'path': '$.fields.status.scope.project.id', 'type': 'key'},
    {'name': 'fix_versions', 'path': '$.fields.fixVersions', 'type': 'json'},
    {'name': 'updated_at', 'path': '$.fields.updated', 'type': 'timestamp'},
], every_version=true) }}
