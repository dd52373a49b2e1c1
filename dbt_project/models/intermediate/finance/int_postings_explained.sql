-- What documents say they post beside what QuickBooks posted, summed as its report may sum lines up. Documents of days
-- that no ledger was read for yet are nobody's difference.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
int_postings_derived as (select * from {{ ref('int_postings_derived') }}),
stg_quickbooks__reports as (select * from {{ ref('stg_quickbooks__reports') }}),

sides as (
    select
        document_id, posting_date, account_id, class_id, document_type, document_number,
        cast(null as bigint) as derived_minor, amount_home_minor as ledger_minor, line_id, has_document,
        cast(null as {{ dbt.type_string() }}) as reject_reason
    from fct_gl_line
    union all
    select
        document_id, posting_date, account_id, class_id, document_type, document_number, amount_home_minor, null,
        line_id, true, reject_reason
    from int_postings_derived
    where posting_date <= (select max(last_date) from stg_quickbooks__reports where stream = 'general_ledgers')
)

select
    document_id,
    posting_date,
    account_id,
    class_id,
    coalesce(max(case when has_document then document_type end), max(document_type)) as document_type,
    max(document_number) as document_number,
    min(line_id) as line_id,
    cast(coalesce(sum(ledger_minor), 0) as bigint) as ledger_minor,
    cast(coalesce(sum(derived_minor), 0) as bigint) as derived_minor,
    max(reject_reason) as reject_reason,
    case
        when max(case when has_document then 1 else 0 end) = 0 then 'only in the report'
        when coalesce(sum(ledger_minor), 0) = coalesce(sum(derived_minor), 0) then 'explained'
        else 'differs'
    end as explanation
from sides
group by document_id, posting_date, account_id, class_id
