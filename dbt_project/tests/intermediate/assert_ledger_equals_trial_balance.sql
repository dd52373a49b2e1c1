-- Red means: the staged ledger is not the books. Some document did not land, was read wrongly, or posts by another rule
-- than the one used here; or the books of a closed period changed after its report was read. Every account at the end
-- of every period, to the cent.
{{ config(meta={'dagster': {'ref': {'name': 'fct_gl_line'}}}) }}
with dates as (
    select distinct
        reports.last_date as balance_date,
        -- The year of the books that holds the day, by their own settings.
        cast(
            {{ dbt.dateadd(
                'month',
                'company.fiscal_year_start_month - 1',
                dbt.date_trunc('year', dbt.dateadd('month', '1 - company.fiscal_year_start_month', 'reports.last_date'))
            ) }} as date
        ) as year_start_date
    from {{ ref('stg_quickbooks__reports') }} as reports
    cross join {{ ref('stg_quickbooks__company_infos') }} as company
    where reports.stream = 'trial_balances'
),

daily as (
    select
        lines.account_id, accounts.classification in ('Revenue', 'Expense') as is_of_a_year, lines.posting_date,
        sum(lines.amount_home_minor) as amount_minor
    from {{ ref('fct_gl_line') }} as lines
    inner join {{ ref('stg_quickbooks__accounts') }} as accounts on lines.account_id = accounts.account_id
    group by 1, 2, 3
),

-- What was earned in earlier years stands in retained earnings; the books post no document for that.
ledger as (
    select
        dates.balance_date,
        case
            when daily.is_of_a_year and daily.posting_date < dates.year_start_date
                then coalesce(retained.account_id, 'retained earnings: no account')
            else daily.account_id
        end as account_id,
        sum(daily.amount_minor) as balance_minor
    from dates
    inner join daily on daily.posting_date <= dates.balance_date
    left join {{ ref('int_account_roles_resolved') }} as retained on retained.role = 'retained_earnings'
    group by 1, 2
),

reported as (
    select balance_date, account_id, sum(debit_minor - credit_minor) as balance_minor
    from {{ ref('fct_trial_balance') }}
    group by balance_date, account_id
)

select
    coalesce(ledger.balance_date, reported.balance_date) as balance_date,
    coalesce(ledger.account_id, reported.account_id) as account_id,
    ledger.balance_minor as ledger_minor,
    reported.balance_minor as reported_minor
from ledger
full outer join reported on ledger.balance_date = reported.balance_date and ledger.account_id = reported.account_id
where coalesce(ledger.balance_minor, 0) <> coalesce(reported.balance_minor, 0)
