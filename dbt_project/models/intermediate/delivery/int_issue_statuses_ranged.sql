-- What a status means is looked up here and not stored with the history: a status that is remapped changes all of its
-- history at once, without touching an issue.
with stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
int_issue_fields_ranged as {{ inlined() }} (select * from {{ ref('int_issue_fields_ranged') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),
int_status_names_collected as {{ inlined() }} (select * from {{ ref('int_status_names_collected') }}),
int_issue_changes as {{ inlined() }} (select * from {{ ref('int_issue_changes') }}),

meanings as (
    select distinct status_id, status_category from int_status_names_collected
),

ranges as (
    select *, lower(trim(value_name)) as name_then from int_issue_fields_ranged where field = 'status'
),

-- An id counts, unless the item calls it by a name that it never had and that another status here has: histories that
-- were brought from another site keep that site's ids.
unsure as (
    select ranges.issue_id, ranges.change_number, ranges.name_then, ranges.valid_from, meanings.status_id
    from ranges
    left join meanings on ranges.value_id = meanings.status_id
    left join int_status_names_collected as own
        on ranges.value_id = own.status_id and ranges.name_then = own.status_name and own.is_own_name
    where ranges.name_then is not null and own.status_id is null
),

-- Of several of one name: the status of the issue's own project then, the site's, any; one that is there before one
-- that is gone.
named as (
    select
        unsure.issue_id, unsure.change_number, names.status_id,
        row_number() over (
            partition by unsure.issue_id, unsure.change_number
            order by
                case
                    when names.scope_project_id = projects.project_id then 1 when names.scope_project_id is null then 2
                    else 3
                end,
                names.is_own_name desc, names.is_listed desc, length(names.status_id), names.status_id
        ) as choice
    from unsure
    inner join int_status_names_collected as names on unsure.name_then = names.status_name
    left join int_issue_projects_ranged as projects
        on unsure.issue_id = projects.issue_id and projects.valid_from <= unsure.valid_from
        and unsure.valid_from < {{ range_end('projects') }}
    where
        unsure.status_id is null
        or (names.is_own_name and (names.scope_project_id is null or names.scope_project_id = projects.project_id))
),

found as (
    select
        ranges.issue_id, ranges.change_number, coalesce(named.status_id, ranges.value_id) as status_id,
        ranges.value_name as status_name, ranges.valid_from, ranges.valid_to, ranges.is_current,
        ranges.is_reconciled and ranges.valid_from = ranges.valid_to as is_undated
    from ranges
    left join named
        on ranges.issue_id = named.issue_id and ranges.change_number = named.change_number and named.choice = 1
),

resolved as (
    select distinct issue_id, changed_at
    from int_issue_changes
    where field = 'resolution' and coalesce(to_id, to_name) is not null
)

select
    found.issue_id,
    found.change_number,
    found.status_id,
    found.status_name,
    case
        when meanings.status_id is not null then meanings.status_category
        -- No record says what it meant. Since its category changed last, an issue has been in one category; and a step
        -- that resolves it, or has the date of its resolution, is a step to done.
        when found.valid_from >= {{ soon_before('issues.category_changed_at') }}
            and found.valid_from <= {{ soon_after('issues.updated_at') }}
            then coalesce(current_meanings.status_category, issues.status_category, 'undefined')
        when resolved.issue_id is not null
            or (
                found.valid_from >= {{ soon_before('issues.resolved_at') }}
                and found.valid_from <= {{ soon_after('issues.resolved_at') }}
            )
            then 'done'
        else 'undefined'
    end as status_category,
    found.valid_from,
    found.valid_to,
    found.is_current,
    coalesce(found.is_undated, false) as is_undated
from found
inner join stg_jira__issues as issues on found.issue_id = issues.issue_id
left join meanings on found.status_id = meanings.status_id
left join meanings as current_meanings on issues.status_id = current_meanings.status_id
left join resolved on found.issue_id = resolved.issue_id and found.valid_from = resolved.changed_at
