{{ config(materialized='view') }}

-- What HR leaves open of those who work here today. Counts alone leave the restricted database.
with int_worker_days_placed as {{ inlined() }} (select * from {{ ref('int_worker_days_placed') }}),
dim_worker as (select * from {{ ref('dim_worker') }}),
stg_bamboohr__job_info as (select * from {{ ref('stg_bamboohr__job_info') }}),
int_pay_ranges_valued as (select * from {{ ref('int_pay_ranges_valued') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

today as (
    select max(as_of_date) as day from int_fiscal_periods_begun
),

named as (
    select 'fulltime' as employment_status
    union
    select 'parttime'
    union
    select 'intern'
    union
    select distinct {{ written_alike('status.piece') }}
    from int_policies_read as policy {{ text_pieces('policy.unpaid_statuses', ',', 'status') }}
),

present as (
    select
        days.is_head,
        {{ written_alike('workers.employment_status') }} = 'parttime' as is_part_time,
        named.employment_status is not null or {{ worker_type('workers.employment_status') }} = 'contractor'
            as has_named_status,
        jobs.fte is not null as has_share,
        coalesce(paid.basis in ('rate', 'commission'), false) as has_pay
    from today
    inner join int_worker_days_placed as days on today.day = days.work_date
    inner join dim_worker as workers on days.worker_id = workers.worker_id and {{ valid_on('workers', 'today.day') }}
    left join named on {{ written_alike('workers.employment_status') }} = named.employment_status
    left join stg_bamboohr__job_info as jobs
        on days.employee_id = jobs.employee_id and {{ valid_on('jobs', 'today.day') }}
    left join int_pay_ranges_valued as paid
        on days.employee_id = paid.employee_id and {{ valid_on('paid', 'today.day') }}
)

select
    'status_coverage' as metric_id, count(case when has_named_status then 1 end) as numerator, count(*) as denominator
from present
union all
select 'share_coverage', count(case when has_share then 1 end), count(*) from present where is_part_time
union all
select 'pay_coverage', count(case when has_pay then 1 end), count(*) from present where is_head
