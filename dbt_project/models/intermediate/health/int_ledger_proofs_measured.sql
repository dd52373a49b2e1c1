{{ config(materialized='view') }}

-- How much of the ledger its documents explain.
with transactions as (
    select document_id, posting_date, min(case when explanation = 'explained' then 1 else 0 end) as is_explained
    from {{ ref('int_postings_explained') }}
    group by document_id, posting_date
    having max(case when ledger_minor <> 0 or derived_minor <> 0 then 1 else 0 end) = 1
)

select 'ledger_explained' as metric_id, coalesce(sum(is_explained), 0) as numerator, count(*) as denominator
from transactions
