-- The rest of each stream is served without these.
{{ quarantined('jira', ['fields', 'projects', 'statuses', 'issues', 'changelogs', 'worklogs', 'boards', 'sprints', 'users']) }}
