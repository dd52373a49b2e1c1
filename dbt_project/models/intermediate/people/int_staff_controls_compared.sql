-- Whom BambooHR's list calls active, and in which department, against who is employed on the day of the last reading.
-- The list changes in the course of a day: the days beside it are right, too. A human is one, of however many records.
with dim_worker as {{ inlined() }} (select * from {{ ref('dim_worker') }}),
stg_bamboohr__employees as (select * from {{ ref('stg_bamboohr__employees') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

today as (
    select cast({{ to_local('clock.data_as_of', 'policy.reporting_time_zone') }} as date) as day
    from int_bamboohr_clocks_read as clock
    cross join int_policies_read as policy
),

listed as (
    select
        coalesce(maps.worker_id, 'bamboohr/' || employees.employee_id) as worker_id,
        max(case when employees.activity_status = 'Active' then 1 else 0 end) as is_active,
        max(case when employees.activity_status = 'Active' then coalesce(employees.department, '') end) as department
    from stg_bamboohr__employees as employees
    cross join today
    left join stg_files__worker_maps as maps
        on maps.mapped_source = 'bamboohr' and employees.employee_id = maps.person_key
        and {{ valid_on('maps', 'today.day') }}
    group by 1
),

employed as (
    select
        workers.worker_id,
        case
            when min(workers.valid_from) <= {{ dbt.dateadd('day', -1, 'min(today.day)') }}
                and max(workers.valid_to) > {{ dbt.dateadd('day', 1, 'min(today.day)') }}
                then min(case when workers.is_employed then 1 else 0 end)
            else 0
        end as is_always,
        max(case when workers.is_employed then 1 else 0 end) as is_ever,
        max(case when {{ valid_on('workers', 'today.day') }} then coalesce(workers.department, '') end) as department,
        max(case when {{ valid_on('workers', 'today.day') }} then workers.employee_id end) as employee_id
    from dim_worker as workers
    inner join today
        on workers.valid_from <= {{ dbt.dateadd('day', 1, 'today.day') }}
        and {{ dbt.dateadd('day', -1, 'today.day') }} < workers.valid_to
    group by workers.worker_id
)

select
    'employed_heads' as control_id,
    coalesce(listed.worker_id, employed.worker_id) as object_id,
    'employed now' as object_part,
    case listed.is_active when 1 then 'active' when 0 then 'inactive' else 'not listed' end as vendor_figure,
    case employed.is_ever when 1 then 'employed' else 'not employed' end as our_figure,
    coalesce(listed.is_active, 0) between coalesce(employed.is_always, 0) and coalesce(employed.is_ever, 0) as is_agreed
from listed
full outer join employed on listed.worker_id = employed.worker_id
union all
-- Of a human with two records at once, the department of the one that holds.
select
    'employed_departments', listed.worker_id, 'department now', coalesce(holding.department, listed.department),
    coalesce(employed.department, 'none'),
    coalesce(coalesce(holding.department, listed.department) = employed.department, false)
from listed
inner join employed on listed.worker_id = employed.worker_id and employed.is_ever = 1
left join stg_bamboohr__employees as holding on employed.employee_id = holding.employee_id
where listed.is_active = 1
