-- Custom fields have other ids on every site: paths come from the field catalogue. A new load of the catalogue re-reads
-- every issue, so that a field that is renamed or replaced never leaves half of the history on the old one.
{{ config(meta={'rebuilt_with': ['base_jira__fields']}) }}

{{ typed_records([
    {'name': 'issue_key', 'path': '$.key', 'type': 'key', 'required': true},
    {'name': 'project_id', 'path': '$.fields.project.id', 'type': 'key'},
    {'name': 'project_key', 'path': '$.fields.project.key', 'type': 'key'},
    {'name': 'issue_type_id', 'path': '$.fields.issuetype.id', 'type': 'key'},
    {'name': 'issue_type_name', 'path': '$.fields.issuetype.name', 'type': 'text', 'required': true},
    {'name': 'is_subtask', 'path': '$.fields.issuetype.subtask', 'type': 'boolean'},
    {'name': 'hierarchy_level', 'path': '$.fields.issuetype.hierarchyLevel', 'type': 'bigint'},
    {'name': 'status_id', 'path': '$.fields.status.id', 'type': 'key', 'required': true},
    {'name': 'status_name', 'path': '$.fields.status.name', 'type': 'text'},
    {'name': 'status_category', 'path': '$.fields.status.statusCategory.key', 'type': 'key'},
    {'name': 'parent_issue_id', 'path': '$.fields.parent.id', 'type': 'key'},
    {'name': 'parent_key', 'path': '$.fields.parent.key', 'type': 'key'},
    {'name': 'summary', 'path': '$.fields.summary', 'type': 'text'},
    {'name': 'description', 'path': '$.fields.description', 'type': 'json'},
    {'name': 'priority_name', 'path': '$.fields.priority.name', 'type': 'text'},
    {'name': 'assignee_account_id', 'path': '$.fields.assignee.accountId', 'type': 'key'},
    {'name': 'reporter_account_id', 'path': '$.fields.reporter.accountId', 'type': 'key'},
    {'name': 'created_at', 'path': '$.fields.created', 'type': 'timestamp', 'required': true},
    {'name': 'updated_at', 'path': '$.fields.updated', 'type': 'timestamp', 'required': true},
    {'name': 'resolved_at', 'path': '$.fields.resolutiondate', 'type': 'timestamp'},
    {'name': 'due_date', 'path': '$.fields.duedate', 'type': 'date'},
    {
        'name': 'story_point_estimate', 'path_sql': "'$.fields.' || fields.story_point_estimate_field_id",
        'type': 'double',
    },
    {'name': 'named_story_points', 'path_sql': "'$.fields.' || fields.named_story_points_field_id", 'type': 'double'},
    {'name': 'team_id', 'path_sql': "'$.fields.' || fields.team_field_id || '.id'", 'type': 'key'},
    {'name': 'team_name', 'path_sql': "'$.fields.' || fields.team_field_id || '.name'", 'type': 'key'},
    {'name': 'epic_link_key', 'path_sql': "'$.fields.' || fields.epic_link_field_id", 'type': 'key'},
    {'name': 'sprints', 'path_sql': "'$.fields.' || fields.sprint_field_id", 'type': 'json'},
],
    from_sql='cross join ' ~ ref('stg_jira__custom_fields') ~ ' as fields') }}
