{{ config(materialized='view') }}

-- How much of the ledger its documents explain, and what in it a person should look at: payroll that no document has,
-- that is on classes in part or is credited to an asset without one, and contractors' bills without a class. Of pay
-- only postings and periods are counted.
with int_postings_explained as (select * from {{ ref('int_postings_explained') }}),
int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
fct_gl_line as {{ inlined() }} (select * from {{ ref('fct_gl_line') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
stg_files__vendor_maps as (select * from {{ ref('stg_files__vendor_maps') }}),

transactions as (
    select document_id, posting_date, min(case when explanation = 'explained' then 1 else 0 end) as is_explained
    from int_postings_explained
    group by document_id, posting_date
    having max(case when ledger_minor <> 0 or derived_minor <> 0 then 1 else 0 end) = 1
),

capitalising as (
    select distinct lines.document_id, lines.posting_date
    from fct_gl_line as lines
    inner join stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
    where lines.amount_home_minor > 0 and accounts.account_type in ('Fixed Asset', 'Other Asset')
),

payroll as (
    select
        costs.fiscal_period, costs.class_id, costs.amount_minor, lines.has_document,
        capitalising.document_id is not null as is_capitalised
    from int_cost_postings_selected as costs
    inner join fct_gl_line as lines on costs.gl_line_id = lines.gl_line_id
    left join capitalising
        on lines.document_id = capitalising.document_id and lines.posting_date = capitalising.posting_date
    where costs.cost_type = 'payroll'
),

payroll_periods as (
    select fiscal_period, count(class_id) as classed, count(*) as postings
    from payroll
    group by fiscal_period
),

contractors as (
    select
        exists (
            select 1 from stg_files__vendor_maps as vendors
            where vendors.vendor_key = costs.vendor_id and vendors.worker_id is not null
                and {{ valid_on('vendors', 'costs.posting_date') }}
        ) as is_of_worker
    from int_cost_postings_selected as costs
    where costs.cost_type = 'contractor' and costs.class_id is null
)

select 'ledger_explained' as metric_id, coalesce(sum(is_explained), 0) as numerator, count(*) as denominator
from transactions
union all
select 'payroll_documented', count(case when has_document then 1 end), count(*) from payroll
union all
select 'payroll_partly_classed', count(case when classed between 1 and postings - 1 then 1 end), count(*)
from payroll_periods
union all
select
    'payroll_capitalised_without_class', count(case when class_id is null then 1 end), count(*)
from payroll
where is_capitalised and amount_minor < 0
union all
select 'contractors_of_a_team', count(case when is_of_worker then 1 end), count(*) from contractors
