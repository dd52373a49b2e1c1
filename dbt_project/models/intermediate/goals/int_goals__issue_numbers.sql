-- What the number fields of a goal in Jira showed, since when: as it was created, and after each change. What it was
-- created with is what its first change came from, or what it still shows.
with int_goals__issues as (select * from {{ ref('int_goals__issues') }}),
int_issue_changes as (select * from {{ ref('int_issue_changes') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

changes as (
    select
        changes.issue_id, changes.field, changes.from_name, changes.to_name,
        cast({{ to_local('changes.changed_at', 'policy.reporting_time_zone') }} as date) as since_date,
        row_number() over (
            partition by changes.issue_id, changes.field
            order by changes.changed_at, changes.history_number, changes.item_number
        ) as place
    from int_issue_changes as changes
    inner join int_goals__issues as issues on changes.issue_id = issues.issue_id
    cross join int_policies_read as policy
    where changes.field in ('{{ goal_numbers() | join("', '") }}')
),

texts as (
    {% for number in goal_numbers() %}
    select
        issues.issue_id, issues.goal_id, '{{ number }}' as field, issues.created_date as since_date, 0 as place,
        case
            when changes.issue_id is null then cast(issues.{{ number }} as {{ dbt.type_string() }})
            else changes.from_name
        end as number_text
    from int_goals__issues as issues
    left join changes
        on issues.issue_id = changes.issue_id and changes.field = '{{ number }}' and changes.place = 1
    union all
    {% endfor %}
    select issues.issue_id, issues.goal_id, changes.field, changes.since_date, changes.place, changes.to_name
    from changes
    inner join int_goals__issues as issues on changes.issue_id = issues.issue_id
)

select issue_id, goal_id, field, since_date, place, {{ from_text('number_text', 'decimal') }} as number
from texts
