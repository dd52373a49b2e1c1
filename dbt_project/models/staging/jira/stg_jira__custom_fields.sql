-- Fields are identified by schema.custom: their ids differ per site and their names are free text in any language.
-- Company-managed "Story Points", and what a company adds for its goals, have no type of their own: there the name
-- decides among fields of the kind.
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
    {{ field_of('rank', "custom_type = 'com.pyxis.greenhopper.jira:gh-lexo-rank'") }},
    {% for number in goal_numbers() %}
    {{ field_of(
        number,
        "custom_type = '" ~ atlassian ~ ":float' and lower(names.field_name) = '" ~ number | replace('_', ' ') ~ "'"
    ) }},
    {% endfor %}
    {{ field_of(
        'cycle_text', "custom_type = '" ~ atlassian ~ ":textfield' and lower(names.field_name) = 'cycle'"
    ) }},
    {{ field_of(
        'cycle_option',
        "custom_type in ('" ~ atlassian ~ ":select', '" ~ atlassian ~ ":radiobuttons')"
        ~ " and lower(names.field_name) = 'cycle'"
    ) }}
from {{ ref('stg_jira__fields') }} as fields
left join {{ ref('stg_jira__field_names') }} as names on fields.field_id = names.field_id
