{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_upstream('issue_id', touched_issues(), rebuilt_with=['base_jira__fields']) }}",
    post_hook="{{ close_upstream(['base_jira__issues', 'base_jira__changelogs', 'base_jira__fields']) }}"
) }}

-- The steps of a field as its changelog has them, one after the other. Only touched issues are made
-- again; a deleted issue leaves.
{% set parts = ['id', 'name', 'key'] %}
with recursive issues as (
    select * from {{ ref('stg_jira__issues') }} where issue_id in ({{ touched_issues() }})
),

-- An import may have written a history twice.
changes as (
    select
        changes.issue_id, changes.field as kind, changes.changed_at,
        case when changes.field in ('parent', 'epic_link') then 'epic' else changes.field end as field,
        greatest(changes.changed_at, issues.created_at) as starts_at,
        {% for side in ['from', 'to'] %}{% for part in parts %}changes.{{ side }}_{{ part }}, {% endfor %}{% endfor %}
        min(changes.history_number) as history_number,
        min(changes.item_number) as item_number
    from {{ ref('int_issue_changes') }} as changes
    inner join issues on changes.issue_id = issues.issue_id
    where changes.field not in ('resolution', 'link', '{{ goal_numbers() | join("', '") }}')
    group by all
),

{{ chain_places('chained', 'changes') }},

numbered as (
    select
        changes.*, issues.parent_issue_id as now_id, issues.parent_key as now_name,
        cast(null as {{ dbt.type_string() }}) as now_key,
        row_number() over (
            partition by changes.issue_id, changes.field
            order by changes.changed_at, coalesce(chained.place, 1), changes.history_number, changes.item_number
        ) as change_number
    from changes
    inner join issues on changes.issue_id = issues.issue_id
    left join chained
        on changes.issue_id = chained.issue_id and changes.kind = chained.kind
        and changes.history_number = chained.history_number and changes.item_number = chained.item_number
),

parents as (
    select
        *,
        count(case when kind = 'parent' then 1 end) over (
            partition by issue_id, field order by change_number
        ) as parent_number,
        count(case when kind = 'parent' then 1 end) over (partition by issue_id, field) as parent_changes
    from numbered
)

select
    issue_id,
    field,
    change_number,
    starts_at,
    {% for part in parts %}
    from_{{ part }},
    -- A status or a project is never nothing: what does not say where to went where the next one came from.
    -- The epic is in two fields, the epic link and the parent that took its place: where the link is cleared, the
    -- parent still holds. Before its first change that is what it came from, and today's where it never changed.
    case
        when not {{ says_nothing('to') }} or kind = 'parent' then to_{{ part }}
        when field in ('status', 'project')
            then lead(from_{{ part }}) over (partition by issue_id, field order by change_number)
        when kind = 'epic_link' and parent_number > 0
            then first_value(to_{{ part }}) over (
                partition by issue_id, field, parent_number order by change_number
            )
        when kind = 'epic_link' and parent_changes = 0 then case when now_id is not null then now_{{ part }} end
        when kind = 'epic_link'
            then max(case when kind = 'parent' and parent_number = 1 then from_{{ part }} end) over (
                partition by issue_id, field
            )
    end as to_{{ part }},
    lag(to_{{ part }}) over (partition by issue_id, kind order by change_number) as before_{{ part }},
    {% endfor %}
    -- When the field was last set before, to what this step should have come from.
    lag(starts_at) over (partition by issue_id, kind order by change_number) as before_at
from parents
