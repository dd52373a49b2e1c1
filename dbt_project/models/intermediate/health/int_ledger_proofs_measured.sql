{{ config(materialized='view') }}

-- How much of the ledger its documents explain, and how many of its periods are what QuickBooks reports of them.
with int_postings_explained as (select * from {{ ref('int_postings_explained') }}),
int_ledger_differences_found as (select * from {{ ref('int_ledger_differences_found') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
stg_quickbooks__reports as (select * from {{ ref('stg_quickbooks__reports') }}),

transactions as (
    select document_id, posting_date, min(case when explanation = 'explained' then 1 else 0 end) as is_explained
    from int_postings_explained
    group by document_id, posting_date
    having max(case when ledger_minor <> 0 or derived_minor <> 0 then 1 else 0 end) = 1
),

periods as (
    select
        periods.fiscal_period,
        case
            when exists (
                select 1 from int_ledger_differences_found as differences
                where differences.fiscal_period = periods.fiscal_period
            ) then 0 else 1
        end as is_tied
    from stg_files__fiscal_periods as periods
    where periods.last_date in (select last_date from stg_quickbooks__reports where stream = 'trial_balances')
)

select 'ledger_explained' as metric_id, coalesce(sum(is_explained), 0) as numerator, count(*) as denominator
from transactions
union all
select 'ledger_periods_tied', coalesce(sum(is_tied), 0), count(*) from periods
