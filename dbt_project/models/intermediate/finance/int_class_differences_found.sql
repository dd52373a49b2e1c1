-- Income and expense of each class by the ledger against the profit and loss by class. A company that has no classes
-- has one column of all.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
stg_quickbooks__report_cells as (select * from {{ ref('stg_quickbooks__report_cells') }}),
stg_quickbooks__reports as (select * from {{ ref('stg_quickbooks__reports') }}),

reports as (
    select
        reports.report_id, reports.first_date, reports.last_date,
        preferences.has_class_on_lines or preferences.has_class_on_documents as has_classes
    from stg_quickbooks__reports as reports
    left join stg_quickbooks__preferences as preferences on true
    where reports.stream = 'profit_and_loss_by_class'
),

results as (
    select
        reports.last_date, lines.account_id,
        case when reports.has_classes then coalesce(lines.class_id, '0') else 'total' end as class_id,
        -- Income is shown positive, as are expenses.
        case accounts.classification when 'Revenue' then -1 else 1 end * lines.amount_home_minor as ledger_minor,
        0 as reported_minor
    from reports
    inner join fct_gl_line as lines on lines.posting_date between reports.first_date and reports.last_date
    inner join stg_quickbooks__accounts as accounts
        on lines.account_id = accounts.account_id and accounts.classification in ('Revenue', 'Expense')
    union all
    select reports.last_date, cells.account_id, cells.column_key, 0, cells.amount_minor
    from reports
    inner join stg_quickbooks__report_cells as cells
        on cells.stream = 'profit_and_loss_by_class' and reports.report_id = cells.report_id
        and (cells.column_key = 'total') <> reports.has_classes
)

select
    last_date,
    account_id,
    class_id,
    cast(sum(ledger_minor) as bigint) as ledger_minor,
    cast(sum(reported_minor) as bigint) as reported_minor
from results
group by last_date, account_id, class_id
having sum(ledger_minor) <> sum(reported_minor)
