-- Debits stand before credits; what they are called is a word of the company's language.
with cells as (
    select
        report_id, account_id, currency,
        sum(case when column_number = 2 then amount_minor else 0 end) as debit_minor,
        sum(case when column_number = 3 then amount_minor else 0 end) as credit_minor,
        sum(case when amount_minor is null then 1 else 0 end) as unread_cells
    from {{ ref('stg_quickbooks__report_cells') }}
    where stream = 'trial_balances'
    group by report_id, account_id, currency
)

select
    reports.last_date as balance_date,
    cells.account_id,
    cast(cells.debit_minor as bigint) as debit_minor,
    cast(cells.credit_minor as bigint) as credit_minor,
    cells.currency,
    cast(cells.unread_cells as bigint) as unread_cells,
    reports.basis,
    reports.first_date as year_start_date,
    reports.extracted_at,
    reports.load_id
from cells
inner join {{ ref('stg_quickbooks__reports') }} as reports
    on reports.stream = 'trial_balances' and cells.report_id = reports.report_id
