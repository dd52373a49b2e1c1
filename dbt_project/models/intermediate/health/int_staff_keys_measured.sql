{{ config(materialized='view') }}

-- People are counted and nothing else of them is: no figure of pay is here.
with stg_bamboohr__employees as {{ inlined() }} (select * from {{ ref('stg_bamboohr__employees') }}),
stg_jira__users as (select * from {{ ref('stg_jira__users') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
stg_files__teams as (select * from {{ ref('stg_files__teams') }}),

people as (
    select
        'bamboohr' as mapped_source, 'employee' as object_type, employee_id as map_key,
        first_name || ' ' || last_name as key_name
    from stg_bamboohr__employees
    union all
    select 'jira', 'account', account_id, display_name
    from stg_jira__users
    where is_active and account_type = 'atlassian'
),

uses as (
    select
        'worker_map' as map_file, people.*,
        exists (
            select 1 from stg_files__worker_maps as workers
            where workers.mapped_source = people.mapped_source and workers.person_key = people.map_key
        ) as is_mapped
    from people
    union all
    -- Departments are teams by their names.
    select
        'teams', 'bamboohr', 'department', department, department,
        exists (select 1 from stg_files__teams as teams where teams.team_name = employees.department)
    from stg_bamboohr__employees as employees
    where department is not null
)

select
    map_file,
    mapped_source,
    object_type,
    map_key,
    max(key_name) as key_name,
    'people' as use_kind,
    count(*) as uses,
    count(case when not is_mapped then 1 end) as unmapped_uses,
    cast(null as double) as unmapped_amount
from uses
group by map_file, mapped_source, object_type, map_key
