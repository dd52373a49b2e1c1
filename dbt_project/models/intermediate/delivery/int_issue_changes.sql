{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_upstream('history_number', new_histories(), rebuilt_with=['base_jira__fields']) }}",
    post_hook="{{ close_upstream(['base_jira__changelogs', 'base_jira__fields']) }}"
) }}

-- Narrow, so that ranges can be made again for a touched issue without reading the long texts of its other changes.
-- New histories have the highest numbers: joined by number, the scan of `items` skips what was built before.
with stg_jira__changelog_items as {{ inlined() }} (select * from {{ ref('stg_jira__changelog_items') }}),
stg_jira__field_names as (select * from {{ ref('stg_jira__field_names') }}),
stg_jira__custom_fields as {{ inlined() }} (select * from {{ ref('stg_jira__custom_fields') }}),

items as (
    select * from stg_jira__changelog_items where history_number in ({{ new_histories() }})
),

called as (
    select names.field_name, names.field_id
    from stg_jira__field_names as names
    inner join stg_jira__custom_fields as fields
        on names.field_id in (
            fields.epic_link_field_id, fields.sprint_field_id, fields.team_field_id,
            fields.{{ goal_numbers() | join('_field_id, fields.') }}_field_id
        )
),

-- A custom field by its id, or by its name where an item has none; a field of Jira's own by either.
tracked as (
    select
        items.*,
        case
            when coalesce(items.field_id, called.field_id) = fields.epic_link_field_id then 'epic_link'
            when coalesce(items.field_id, called.field_id) = fields.sprint_field_id then 'sprint'
            when coalesce(items.field_id, called.field_id) = fields.team_field_id then 'team'
            {% for number in goal_numbers() %}
            when coalesce(items.field_id, called.field_id) = fields.{{ number }}_field_id then '{{ number }}'
            {% endfor %}
            when items.field_type = 'custom' then null
            when 'status' in (items.field_id, items.field_name) then 'status'
            when 'resolution' in (items.field_id, items.field_name) then 'resolution'
            when 'assignee' in (items.field_id, items.field_name) then 'assignee'
            when 'project' in (items.field_id, items.field_name) or items.field_name = 'Key' then 'project'
            -- The newer link of an issue to its epic, and Parent as sub-tasks call it.
            when items.field_id = 'parent' or items.field_name in ('IssueParentAssociation', 'Parent') then 'parent'
            when items.field_name = 'Link' then 'link'
        end as field
    from items
    cross join stg_jira__custom_fields as fields
    left join called
        on items.field_id is null and items.field_type = 'custom' and items.field_name = called.field_name
),

-- A move is two items of one history: the project's id and name, and the issue's key.
changes as (
    select
        issue_id, history_number, min(item_number) as item_number, changed_at, field,
        {% for side in ['from', 'to'] %}
        max(case when field_name <> 'Key' then {{ side }}_value end) as {{ side }}_id,
        max(case when field_name <> 'Key' then {{ side }}_text end) as {{ side }}_name,
        max(case when field_name = 'Key' then {{ side }}_text end) as {{ side }}_key
        {{ ',' if not loop.last }}
        {% endfor %}
    from tracked
    where field is not null
    group by issue_id, history_number, changed_at, field, case when field <> 'project' then item_number end
)

select
    issue_id,
    history_number,
    item_number,
    changed_at,
    field,
    {% for side in ['from', 'to'] %}
    case
        when field = 'sprint' then nullif({{ sorted_pieces(side ~ '_id') }}, '') else {{ side }}_id
    end as {{ side }}_id,
    {{ side }}_name,
    {{ side }}_key{{ ',' if not loop.last }}
    {% endfor %}
from changes
