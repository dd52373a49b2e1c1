with stg_bamboohr__job_info as (select * from {{ ref('stg_bamboohr__job_info') }}),
stg_bamboohr__employment_statuses as (select * from {{ ref('stg_bamboohr__employment_statuses') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
stg_files__teams as {{ inlined() }} (select * from {{ ref('stg_files__teams') }}),

jobs as (
    select * from stg_bamboohr__job_info where valid_from < valid_to
),

-- The day of the row Terminated is the last day of work: it counts from the day after, so that a row of the same day
-- that was written before it has that day.
statuses as (
    select * from (
        select
            employee_id, employment_status, valid_from,
            coalesce(
                lead(valid_from) over (partition by employee_id order by row_from, row_number), date '9999-12-31'
            ) as valid_to
        from (
            select
                employee_id, employment_status, row_number, valid_from as row_from,
                case
                    when employment_status = 'Terminated' then cast({{ dbt.dateadd('day', 1, 'valid_from') }} as date)
                    else valid_from
                end as valid_from
            from stg_bamboohr__employment_statuses
        ) as shifted
    ) as ranged
    where valid_from < valid_to
),

maps as (
    select person_key as employee_id, worker_id, valid_from, valid_to
    from stg_files__worker_maps
    where mapped_source = 'bamboohr'
),

-- Records of one human, who may come back under another number.
people as (
    select found.employee_id, coalesce(min(maps.worker_id), 'bamboohr/' || found.employee_id) as person
    from (select distinct employee_id from statuses) as found
    left join maps on found.employee_id = maps.employee_id
    group by found.employee_id
),

cuts as (
    select people.person, ranges.valid_from, ranges.valid_to
    from people
    inner join (
        select employee_id, valid_from, valid_to from jobs
        union all
        select employee_id, valid_from, valid_to from statuses
        union all
        select employee_id, valid_from, valid_to from maps
        union all
        select jobs.employee_id, teams.valid_from, teams.valid_to
        from jobs
        inner join stg_files__teams as teams on jobs.department = teams.team_name
    ) as ranges on people.employee_id = ranges.employee_id
),

segments as (
    select person, day as valid_from, lead(day) over (partition by person order by day) as valid_to
    from (select person, valid_from as day from cuts union select person, valid_to from cuts) as days
),

placed as (
    select
        coalesce(maps.worker_id, 'bamboohr/' || people.employee_id) as worker_id,
        segments.valid_from,
        segments.valid_to,
        people.employee_id,
        maps.worker_id is not null as is_mapped,
        statuses.employment_status <> 'Terminated' as is_employed,
        {{ worker_type('statuses.employment_status') }} as worker_type,
        statuses.employment_status,
        coalesce(teams.team_id, 'UNMAPPED') as team_id,
        jobs.department,
        {{ function_of('jobs.division') }} as function_name,
        jobs.job_title,
        jobs.location,
        -- A company that has no column for the share of full time, or leaves it empty, means all of it.
        case when jobs.employee_id is not null then coalesce(jobs.fte, 1) end as fte
    from segments
    inner join people on segments.person = people.person
    inner join statuses
        on people.employee_id = statuses.employee_id and {{ valid_on('statuses', 'segments.valid_from') }}
    left join jobs on people.employee_id = jobs.employee_id and {{ valid_on('jobs', 'segments.valid_from') }}
    left join maps on people.employee_id = maps.employee_id and {{ valid_on('maps', 'segments.valid_from') }}
    left join stg_files__teams as teams
        on jobs.department = teams.team_name and {{ valid_on('teams', 'segments.valid_from') }}
    where segments.valid_to is not null
),

-- Of two records of one human on one day, that under which the human works; of two such, the newer one.
chosen as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by worker_id, valid_from
                order by is_employed desc, length(employee_id) desc, employee_id desc, team_id
            ) as choice
        from placed
    ) as ranked
    where choice = 1
),
{% set described = ['employee_id', 'is_mapped', 'is_employed', 'worker_type', 'employment_status', 'team_id',
    'department', 'function_name', 'job_title', 'location', 'fte'] %}

marked as (
    select
        *,
        case
            when lag(valid_to) over days_of_one is distinct from valid_from{% for name in described %}
                or lag({{ name }}) over days_of_one is distinct from {{ name }}{% endfor %}
                then 1
            else 0
        end as is_new
    from chosen
    window days_of_one as (partition by worker_id order by valid_from)
),

numbered as (
    select *, sum(is_new) over (partition by worker_id order by valid_from) as range_number from marked
)

select worker_id, {{ described | join(', ') }}, min(valid_from) as valid_from, max(valid_to) as valid_to
from numbered
group by worker_id, {{ described | join(', ') }}, range_number
