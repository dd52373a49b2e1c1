select
    record_id as issue_id,
    issue_key,
    project_id,
    project_key,
    project_name,
    issue_type_id,
    issue_type_name,
    coalesce(issues.untranslated_type_name, issues.issue_type_name) as untranslated_type_name,
    coalesce(is_subtask, false) or coalesce(hierarchy_level < 0, false) as is_subtask,
    -- Names are shown in the API user's language; the level is not, and neither is the name that Jira translates.
    coalesce(
        hierarchy_level >= 1, coalesce(issues.untranslated_type_name, issues.issue_type_name) = 'Epic', false
    ) as is_epic,
    hierarchy_level,
    status_id,
    -- As the changelog calls it: display names are in the language of the API user.
    coalesce(untranslated_status_name, status_name) as status_name,
    status_category,
    parent_issue_id,
    parent_key,
    epic_link_key,
    issue_rank,
    team_id,
    team_name,
    -- Sites that moved between project kinds have both fields; one is filled.
    coalesce(story_point_estimate, named_story_points) as story_points,
    sprints,
    {{ sorted_pieces(list_text(json_array_texts('sprints', '$.id'), ', ')) }} as sprint_ids,
    {{ list_text(json_array_texts('sprints', '$.name'), ', ') }} as sprint_names,
    -- A label has no space in it.
    {{ list_text(json_array_texts('labels', '$'), ' ') }} as labels,
    summary,
    description,
    {{ adf_text('description') }} as description_text,
    priority_name,
    assignee_account_id,
    reporter_account_id,
    created_at,
    updated_at,
    resolution_id,
    resolution_name,
    resolved_at,
    category_changed_at,
    due_date,
    start_value,
    target_value,
    current_value,
    weight,
    coalesce(cycle_text, cycle_option) as cycle,
    load_id
from {{ ref('base_jira__issues') }} as issues
where not is_deleted and quarantine_reason is null
