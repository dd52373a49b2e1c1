{{ config(materialized='view') }}

-- Objectives of the files and of Jira. One in Jira is of the cycle that its field names by id or by name; without one,
-- of the shortest cycle that its due date is in.
with stg_files__objectives as (select * from {{ ref('stg_files__objectives') }}),
stg_files__key_results as (select * from {{ ref('stg_files__key_results') }}),
stg_files__okr_cycles as (select * from {{ ref('stg_files__okr_cycles') }}),
int_goals__issues as (select * from {{ ref('int_goals__issues') }}),

cycled as (
    select
        issues.*, cycles.cycle_id, cycles.start_date, cycles.end_date,
        row_number() over (
            partition by issues.issue_id
            order by
                case when issues.cycle = cycles.cycle_id then 0 else 1 end,
                {{ dbt.datediff('cycles.start_date', 'cycles.end_date', 'day') }}, cycles.cycle_id
        ) as place
    from int_goals__issues as issues
    inner join stg_files__okr_cycles as cycles
        on issues.cycle in (cycles.cycle_id, cycles.cycle_name)
        or (issues.cycle is null and cycles.start_date <= issues.due_date and issues.due_date < cycles.end_date)
    where issues.goal_kind = 'objective'
),

goals as (
    select objective_id as goal_id from stg_files__objectives
    union
    select kr_id from stg_files__key_results
    union
    select goal_id from int_goals__issues
)

select
    objective_id, cycle_id, objective_name, owner, parent_goal_id, link_type, product_id, weight, status, status_date,
    valid_from, valid_to
from stg_files__objectives
union all
select
    issues.goal_id, issues.cycle_id, issues.goal_name, issues.owner, parents.goal_id,
    case when parents.goal_id is not null then 'contribute' end,
    null,
    coalesce(issues.weight, 1),
    case when issues.closed_date is not null and issues.is_not_done then 'cancelled' else 'active' end,
    case when issues.is_not_done then issues.closed_date end,
    case
        when issues.start_date < issues.created_date and issues.created_date < issues.end_date then issues.created_date
        else date '0001-01-01'
    end,
    date '9999-12-31'
from cycled as issues
left join goals as parents on issues.parent_goal_id = parents.goal_id
where issues.place = 1
