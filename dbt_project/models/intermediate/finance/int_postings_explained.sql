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
),

sums as (
    select
        document_id, posting_date, account_id, class_id,
        coalesce(max(case when has_document then document_type end), max(document_type)) as document_type,
        max(document_number) as document_number, min(line_id) as line_id,
        coalesce(sum(ledger_minor), 0) as ledger_minor, coalesce(sum(derived_minor), 0) as derived_minor,
        max(reject_reason) as reject_reason,
        max(case when has_document then 1 else 0 end) as has_document
    from sides
    group by document_id, posting_date, account_id, class_id
),

-- A document may say how much it posts and not where (tax, two receivables): what else the ledger has of it, all on one
-- side, is that.
unplaced as (
    select
        document_id, posting_date,
        sum(case when account_id is null then derived_minor else 0 end) as unplaced_minor,
        sum(case when account_id is not null then ledger_minor - derived_minor else 0 end) as rest_minor,
        sum(case when account_id is not null then abs(ledger_minor - derived_minor) else 0 end) as rest_size_minor
    from sums
    group by document_id, posting_date
)

select
    sums.document_id,
    sums.posting_date,
    sums.account_id,
    sums.class_id,
    sums.document_type,
    sums.document_number,
    sums.line_id,
    cast(sums.ledger_minor as bigint) as ledger_minor,
    cast(sums.derived_minor as bigint) as derived_minor,
    sums.reject_reason,
    case
        when sums.has_document = 0 then 'only in the report'
        when sums.ledger_minor = sums.derived_minor then 'explained'
        when unplaced.unplaced_minor = unplaced.rest_minor and abs(unplaced.rest_minor) = unplaced.rest_size_minor
            then 'account by the report'
        else 'differs'
    end as explanation
from sums
inner join unplaced
    on sums.document_id is not distinct from unplaced.document_id and sums.posting_date = unplaced.posting_date
