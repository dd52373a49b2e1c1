-- Red means: what was recognised on a revenue account since the books' year began is not what QuickBooks' own trial
-- balance says. Every such account at the end of every period that has one, to the minor unit; what an account had
-- outside of the calendar, or while account_map.csv called it something else, is no revenue. A year is compared up to
-- its first period that is held back.
{{ config(meta={'dagster': {'ref': {'name': 'fct_revenue_recognised'}}}) }}
with accounts as (
    select accounts.account_id
    from {{ ref('stg_quickbooks__accounts') }} as accounts
    left join {{ ref('stg_files__account_maps') }} as maps on accounts.account_id = maps.account_id
    where coalesce(maps.statement_group, case when accounts.account_type = 'Income' then 'revenue' end) = 'revenue'
    group by accounts.account_id
),

dates as (
    select distinct balances.balance_date, balances.year_start_date
    from {{ ref('fct_trial_balance') }} as balances
    where not exists (
        select 1 from {{ ref('int_ledger_differences_found') }} as differences
        left join {{ ref('stg_files__fiscal_periods') }} as periods
            on differences.fiscal_period = periods.fiscal_period
        where coalesce(periods.last_date, differences.difference_date) >= balances.year_start_date
            and coalesce(periods.first_date, differences.difference_date) <= balances.balance_date
    )
),

reported as (
    select
        balances.balance_date, balances.year_start_date, balances.account_id,
        balances.credit_minor - balances.debit_minor as reported_minor
    from {{ ref('fct_trial_balance') }} as balances
    inner join accounts on balances.account_id = accounts.account_id
    inner join dates
        on balances.balance_date = dates.balance_date and balances.year_start_date = dates.year_start_date
),

daily as (
    select account_id, posting_date, amount_minor from {{ ref('fct_revenue_recognised') }}
    union all
    select lines.account_id, lines.posting_date, -lines.amount_home_minor
    from {{ ref('fct_gl_line') }} as lines
    left join {{ ref('stg_files__account_maps') }} as maps
        on lines.account_id = maps.account_id and {{ valid_on('maps', 'lines.posting_date') }}
    where lines.fiscal_period is null or maps.statement_group <> 'revenue'
),

recognised as (
    select dates.balance_date, daily.account_id, sum(daily.amount_minor) as recognised_minor
    from dates
    inner join daily on daily.posting_date between dates.year_start_date and dates.balance_date
    inner join accounts on daily.account_id = accounts.account_id
    group by dates.balance_date, daily.account_id
)

select
    coalesce(recognised.balance_date, reported.balance_date) as balance_date,
    coalesce(recognised.account_id, reported.account_id) as account_id,
    recognised.recognised_minor,
    reported.reported_minor
from recognised
full outer join reported
    on recognised.balance_date = reported.balance_date and recognised.account_id = reported.account_id
where coalesce(recognised.recognised_minor, 0) <> coalesce(reported.reported_minor, 0)
