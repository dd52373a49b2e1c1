-- A project is known by its id. Its key may change, which no history says: the list of projects says today's, issues
-- and moves those of before. A key that another project has today is that one's.
with stg_jira__project_keys as (select * from {{ ref('stg_jira__project_keys') }}),
int_issue_changes as (select * from {{ ref('int_issue_changes') }}),

named as (
    select
        project_id, project_key, project_name, case when is_listed then 1 else 2 end as source_number,
        load_id as said_at
    from stg_jira__project_keys
    {% for side in ['from', 'to'] %}
    union all
    select
        {{ side }}_id, {{ project_of(side ~ '_key') }}, {{ side }}_name, 3,
        cast(changed_at as {{ dbt.type_string() }})
    from int_issue_changes
    where field = 'project' and {{ side }}_id is not null and {{ side }}_key is not null
    {% endfor %}
),

ranked as (
    select
        *,
        first_value(project_key) over newest as current_key,
        max(case when source_number = 1 then project_name end) over (partition by project_id) as listed_name
    from named
    window newest as (
        partition by project_id order by source_number, said_at desc, project_key
        rows between unbounded preceding and unbounded following
    )
)

select
    project_id,
    project_key,
    current_key,
    coalesce(max(listed_name), max(project_name)) as project_name,
    min(source_number) < 3 as is_own_key
from ranked
where
    project_key = current_key
    or not exists (
        select 1 from stg_jira__project_keys as taken
        where taken.is_listed and taken.project_key = ranked.project_key and taken.project_id <> ranked.project_id
    )
group by project_id, project_key, current_key
