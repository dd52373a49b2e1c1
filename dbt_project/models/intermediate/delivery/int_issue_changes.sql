{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_upstream('history_number', new_histories(), rebuilt_with=['base_jira__fields']) }}",
    post_hook="{{ close_upstream(['base_jira__changelogs', 'base_jira__fields']) }}"
) }}

-- Narrow, so that ranges can be made again for a touched issue without reading the long texts of its other changes.
-- New histories have the highest numbers: joined by number, the scan of `items` skips what was built before.
with items as (
    select * from {{ ref('stg_jira__changelog_items') }} where history_number in ({{ new_histories() }})
),

tracked as (
    select
        items.*,
        case
            when field_type = 'jira' and items.field_name = 'status' then 'status'
            when field_type = 'jira' and items.field_name = 'Key' then 'project'
            -- An issue's link to its epic has had three names: a custom field, the parent, and Parent as sub-tasks call
            -- it.
            when field_type = 'jira' and items.field_name in ('IssueParentAssociation', 'Parent') then 'epic'
            when {{ is_custom_field('epic_link') }} then 'epic'
            when {{ is_custom_field('sprint') }} then 'sprint'
            when {{ is_custom_field('team') }} then 'team'
        end as field
    from items
    cross join {{ ref('stg_jira__custom_fields') }} as fields
)

select
    issue_id,
    history_number,
    item_number,
    changed_at,
    field,
    case when field = 'project' then {{ project_of('from_text') }} else from_value end as from_id,
    from_text as from_name,
    case when field = 'project' then {{ project_of('to_text') }} else to_value end as to_id,
    to_text as to_name
from tracked
where field is not null
