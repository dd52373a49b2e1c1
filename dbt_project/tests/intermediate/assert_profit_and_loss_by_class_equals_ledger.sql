-- Red means: income or expense of a class is not what QuickBooks reports for the period, so the figures of products
-- built on classes are wrong.
{{ config(meta={'dagster': {'ref': {'name': 'fct_gl_line'}}}) }}
with reports as (
    select report_id, first_date, last_date
    from {{ ref('stg_quickbooks__reports') }}
    where stream = 'profit_and_loss_by_class'
),

ledger as (
    select
        reports.report_id, lines.account_id, coalesce(lines.class_id, '0') as class_id,
        -- Income is shown positive, as are expenses.
        sum(
            case when accounts.classification = 'Revenue' then -lines.amount_home_minor else lines.amount_home_minor end
        ) as amount_minor
    from reports
    inner join {{ ref('fct_gl_line') }} as lines on lines.posting_date between reports.first_date and reports.last_date
    inner join {{ ref('stg_quickbooks__accounts') }} as accounts
        on lines.account_id = accounts.account_id and accounts.classification in ('Revenue', 'Expense')
    group by 1, 2, 3
),

reported as (
    select report_id, account_id, column_key as class_id, amount_minor
    from {{ ref('stg_quickbooks__report_cells') }}
    where stream = 'profit_and_loss_by_class' and column_key <> 'total'
)

select
    coalesce(ledger.report_id, reported.report_id) as report_id,
    coalesce(ledger.account_id, reported.account_id) as account_id,
    coalesce(ledger.class_id, reported.class_id) as class_id,
    ledger.amount_minor as ledger_minor,
    reported.amount_minor as reported_minor
from ledger
full outer join reported
    on ledger.report_id = reported.report_id and ledger.account_id = reported.account_id
    and ledger.class_id = reported.class_id
where coalesce(ledger.amount_minor, 0) <> coalesce(reported.amount_minor, 0)
