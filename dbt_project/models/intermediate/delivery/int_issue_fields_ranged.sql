{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_upstream('issue_id', touched_issues(), rebuilt_with=['base_jira__fields']) }}",
    post_hook="{{ close_upstream(['base_jira__issues', 'base_jira__changelogs', 'base_jira__fields']) }}"
) }}

-- What a field was and when: the steps of the changelog, completed by what the issue says of itself. Only touched
-- issues are made again. What a value means is looked up later: a status or a project that changes touches no issue.
{% set parts = ['id', 'name', 'key'] %}
with issues as (
    select
        *, cast(null as {{ dbt.type_string() }}) as no_key, coalesce(parent_key, epic_link_key) as epic_key,
        case when status_category = 'done' then resolved_at end as done_at
    from {{ ref('stg_jira__issues') }} where issue_id in ({{ touched_issues() }})
),

-- What each issue says now, and when its category and its resolution changed last: dates of a step of its status.
recorded as (
    {% for field, id, name, key in [
        ('status', 'status_id', 'status_name', 'no_key'), ('project', 'project_id', 'project_name', 'issue_key'),
        ('epic', 'parent_issue_id', 'epic_key', 'no_key'), ('sprint', 'sprint_ids', 'sprint_names', 'no_key'),
        ('team', 'team_id', 'team_name', 'no_key'), ('assignee', 'assignee_account_id', 'no_key', 'no_key'),
    ] %}
    select
        issue_id, '{{ field }}' as field, {{ id }} as now_id, {{ name }} as now_name, {{ key }} as now_key,
        created_at, updated_at
        {% for date in ['category_changed_at', 'done_at', 'resolved_at'] %}
        , {{ date if field == 'status' else 'cast(null as timestamp)' }} as {{ date }}
        {% endfor %}
    from issues
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

changes as (
    select
        *,
        min(starts_at) over (partition by issue_id, field) as first_at,
        max(change_number) over (partition by issue_id, field) as last_number
    from {{ ref('int_issue_steps_ordered') }} where issue_id in ({{ touched_issues() }})
),

-- The first value has no entry of its own: it is what the first change came from. Of the epic's two fields at one
-- instant, the one that had a value.
firsts as (
    select
        issue_id, field, first_at,
        {% for part in parts %}
        max(case when change_number = 1 or field = 'epic' then from_{{ part }} end) as from_{{ part }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from changes
    where change_number = 1 or (field = 'epic' and starts_at = first_at)
    group by issue_id, field, first_at
),

-- A category that changed after the creation and before the first step that is known: the step into it is missing.
starts as (
    select
        recorded.issue_id, recorded.field, recorded.created_at,
        {% for part in parts %}
        case when firsts.issue_id is null then recorded.now_{{ part }} else firsts.from_{{ part }} end
            as value_{{ part }},
        {% endfor %}
        case
            when category_changed_at > {{ soon_after('created_at') }}
                and category_changed_at < coalesce({{ soon_before('first_at') }}, timestamp '9999-12-31 00:00:00')
                then least(category_changed_at, case when done_at > created_at then done_at end)
            when category_changed_at is null and first_at is null and done_at > {{ soon_after('created_at') }}
                then done_at
        end as since_at
    from recorded
    left join firsts on recorded.issue_id = firsts.issue_id and recorded.field = firsts.field
),

followed as (
    select
        changes.*, recorded.now_id, recorded.now_name, recorded.now_key, recorded.updated_at,
        recorded.category_changed_at, recorded.done_at, recorded.resolved_at,
        changes.change_number = changes.last_number as is_last
    from changes
    inner join recorded on changes.issue_id = recorded.issue_id and changes.field = recorded.field
),

steps as (
    select
        issue_id, field, 0 as place, created_at as valid_from,
        {% for part in parts %}case when since_at is null then value_{{ part }} end as value_{{ part }}, {% endfor %}
        false as is_reconciled
    from starts
    union all
    select issue_id, field, 1, since_at, value_id, value_name, value_key, true from starts where since_at is not null
    union all
    -- A step that does not begin where the one before it ended: there was another in between.
    select
        issue_id, field, 2 * change_number,
        coalesce(
            least(
                {% for date in ['category_changed_at', 'resolved_at'] %}
                case
                    when {{ date }} > {{ soon_after('before_at') }} and {{ date }} < {{ soon_before('starts_at') }}
                        then {{ date }}
                end{{ ',' if not loop.last }}
                {% endfor %}
            ),
            starts_at
        ),
        from_id, from_name, from_key, true
    from followed
    where
        before_at is not null and not {{ says_nothing('from') }} and not {{ is_same('before', 'from') }}
        and not (field in ('status', 'project') and {{ says_nothing('before') }})
    union all
    select issue_id, field, 2 * change_number + 1, starts_at, to_id, to_name, to_key, false from followed
    union all
    -- Where the last step and the issue differ, the issue says what holds; unless the changelog was read after a change
    -- that the issue does not know yet.
    select
        issue_id, field, 2 * change_number + 2,
        coalesce(
            least(
                {% for date in ['category_changed_at', 'done_at'] %}
                case when {{ date }} >= {{ soon_before('starts_at') }} then greatest({{ date }}, starts_at) end
                {{- ',' if not loop.last }}
                {% endfor %}
            ),
            -- A status is never nothing: the last step went where the issue is.
            case when {{ says_nothing('to') }} and field in ('status', 'project') then starts_at end,
            greatest(updated_at, starts_at)
        ),
        now_id, now_name, now_key, true
    from followed
    where is_last and not {{ is_same('to', 'now') }} and updated_at >= {{ soon_before('starts_at') }}
)

select
    issue_id,
    field,
    row_number() over history - 1 as change_number,
    value_id,
    value_name,
    value_key,
    valid_from,
    lead(valid_from) over history as valid_to,
    lead(valid_from) over history is null as is_current,
    is_reconciled
from steps
window history as (partition by issue_id, field order by place)
