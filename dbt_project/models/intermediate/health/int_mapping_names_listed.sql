{{ config(materialized='view') }}

-- What keys can be mapped to, by name. An account's name is its type: that says where accounts mostly stand.
with stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
stg_bamboohr__employees as (select * from {{ ref('stg_bamboohr__employees') }}),
stg_files__products as (select * from {{ ref('stg_files__products') }}),
stg_files__customers as (select * from {{ ref('stg_files__customers') }}),
stg_files__teams as (select * from {{ ref('stg_files__teams') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),

workers as (
    select workers.worker_id, people.first_name || ' ' || people.last_name as worker_name, workers.valid_from
    from stg_files__worker_maps as workers
    inner join stg_bamboohr__employees as people
        on workers.mapped_source = 'bamboohr' and workers.person_key = people.employee_id
)

select 'product_map' as map_file, product_id as target_id, product_name as target_name, valid_from
from stg_files__products
union all
select 'customer_map', customer_id, customer_name, valid_from from stg_files__customers
union all
select 'vendor_map', worker_id, worker_name, valid_from from workers
union all
select 'worker_map', worker_id, worker_name, valid_from from workers
union all
select 'teams', team_id, team_name, valid_from from stg_files__teams
union all
select 'account_map', account_id, account_type || '/' || classification, cast('0001-01-01' as date)
from stg_quickbooks__accounts
