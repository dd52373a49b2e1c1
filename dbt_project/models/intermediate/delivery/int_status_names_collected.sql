-- What every status means and how it was ever called. The list of statuses says it while it has the status; afterwards
-- the newest word of the list or of an issue counts: a status that was deleted or merged keeps the category it had.
with stg_jira__statuses as (select * from {{ ref('stg_jira__statuses') }}),
stg_jira__status_versions as {{ inlined() }} (select * from {{ ref('stg_jira__status_versions') }}),
int_issue_changes as (select * from {{ ref('int_issue_changes') }}),

ranked as (
    select
        status_id, status_category, scope_project_id,
        row_number() over (
            partition by status_id order by load_id desc, is_listed desc, said_at desc, status_category
        ) as choice
    from stg_jira__status_versions
    where status_category is not null
),

meanings as (
    select
        ranked.status_id, ranked.scope_project_id, listed.status_id is not null as is_listed,
        coalesce(listed.status_category, ranked.status_category) as status_category
    from ranked
    left join stg_jira__statuses as listed on ranked.status_id = listed.status_id
    where ranked.choice = 1
),

-- A name that only a changelog gave to the id may be another site's, from which the history was brought here.
names as (
    select status_id, status_name, true as is_own_name from stg_jira__status_versions
    union all
    select status_id, untranslated_name, true from stg_jira__status_versions
    {% for side in ['from', 'to'] %}
    union all
    select {{ side }}_id, {{ side }}_name, false from int_issue_changes where field = 'status'
    {% endfor %}
)

select
    meanings.status_id,
    lower(trim(names.status_name)) as status_name,
    meanings.status_category,
    meanings.scope_project_id,
    meanings.is_listed,
    max(case when names.is_own_name then 1 else 0 end) = 1 as is_own_name
from meanings
inner join names on meanings.status_id = names.status_id
where names.status_name is not null
group by
    meanings.status_id, lower(trim(names.status_name)), meanings.status_category, meanings.scope_project_id,
    meanings.is_listed
