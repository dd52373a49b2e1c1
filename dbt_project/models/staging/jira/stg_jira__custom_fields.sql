-- Fields are identified by schema.custom: their ids differ per site and their names are free text in any language.
-- Only company-managed "Story Points" has no type of its own: there the name decides among number fields.
{% set atlassian = 'com.atlassian.jira.plugin.system.customfieldtypes' %}
select
    {{ field_of('story_point_estimate', "custom_type = 'com.pyxis.greenhopper.jira:jsw-story-points'") }},
    {{ field_of(
        'named_story_points',
        "custom_type = '" ~ atlassian ~ ":float' and lower(names.field_name) = 'story points'"
    ) }},
    {{ field_of(
        'team',
        "custom_type in ('" ~ atlassian ~ ":atlassian-team', 'com.atlassian.teams:rm-teams-custom-field-team')"
    ) }},
    {{ field_of('sprint', "custom_type = 'com.pyxis.greenhopper.jira:gh-sprint'") }},
    {{ field_of('epic_link', "custom_type = 'com.pyxis.greenhopper.jira:gh-epic-link'") }},
    {{ field_of('rank', "custom_type = 'com.pyxis.greenhopper.jira:gh-lexo-rank'") }}
from {{ ref('stg_jira__fields') }} as fields
left join {{ ref('stg_jira__field_names') }} as names on fields.field_id = names.field_id
