-- Three proofs of the ledger, each of one period alone: what moved on an account leads from one trial balance to the
-- next, each entry balances, and income and expense of a class are those of the profit and loss
-- (int_class_differences_found). A period that lacks its ledger or its trial balance, because QuickBooks refused it, is
-- not proven. The books post no entry at the end of a year: what was earned before stands in
-- retained earnings from then on.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
fct_trial_balance as (select * from {{ ref('fct_trial_balance') }}),
int_postings_explained as (select * from {{ ref('int_postings_explained') }}),
int_class_differences_found as (select * from {{ ref('int_class_differences_found') }}),
int_account_roles_resolved as {{ inlined() }} (select * from {{ ref('int_account_roles_resolved') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
stg_quickbooks__company_infos as (select * from {{ ref('stg_quickbooks__company_infos') }}),
stg_quickbooks__reports as (select * from {{ ref('stg_quickbooks__reports') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),

ends as (
    select
        reports.last_date,
        lag(reports.last_date) over (order by reports.last_date) as prior_last_date,
        -- The year of the books that holds the day, by their own settings.
        cast(
            {{ dbt.dateadd(
                'month',
                'company.fiscal_year_start_month - 1',
                dbt.date_trunc('year', dbt.dateadd('month', '1 - company.fiscal_year_start_month', 'reports.last_date'))
            ) }} as date
        ) as year_start_date
    from (select distinct last_date from stg_quickbooks__reports where stream = 'trial_balances') as reports
    cross join stg_quickbooks__company_infos as company
),

accounts as (
    select
        accounts.account_id, accounts.full_name,
        case
            when accounts.classification in ('Revenue', 'Expense')
                then coalesce(retained.account_id, 'retained earnings: no account')
        end as retained_in
    from stg_quickbooks__accounts as accounts
    left join int_account_roles_resolved as retained on retained.role = 'retained_earnings'
),

balances as (
    select balance_date, account_id, sum(debit_minor - credit_minor) as balance_minor
    from fct_trial_balance
    group by balance_date, account_id
),

expected as (
    select
        ends.last_date,
        case
            when balances.balance_date < ends.year_start_date
                then coalesce(accounts.retained_in, balances.account_id)
            else balances.account_id
        end as account_id,
        balances.balance_minor as amount_minor
    from ends
    inner join balances on ends.prior_last_date = balances.balance_date
    left join accounts on balances.account_id = accounts.account_id
    union all
    select
        ends.last_date,
        case
            when lines.posting_date < ends.year_start_date then coalesce(accounts.retained_in, lines.account_id)
            else lines.account_id
        end,
        lines.amount_home_minor
    from ends
    inner join fct_gl_line as lines
        on lines.posting_date <= ends.last_date
        and (ends.prior_last_date is null or lines.posting_date > ends.prior_last_date)
    left join accounts on lines.account_id = accounts.account_id
),

of_trial_balance as (
    select last_date, account_id, sum(amount_minor) as ledger_minor, sum(balance_minor) as reported_minor
    from (
        select last_date, coalesce(account_id, 'no account') as account_id, amount_minor, 0 as balance_minor
        from expected
        union all
        select balance_date, account_id, 0, balance_minor from balances
    )
    group by last_date, account_id
    having sum(amount_minor) <> sum(balance_minor)
),

of_entry as (
    select *
    from (
        select
            lines.document_id, lines.posting_date, max(lines.document_type) as document_type,
            max(lines.document_number) as document_number, sum(lines.amount_home_minor) as ledger_minor,
            max(case when lines.amount_home_minor is null then 1 else 0 end) as has_unread_amount,
            max(case when accounts.account_id is null then 1 else 0 end) as has_unknown_account
        from fct_gl_line as lines
        left join accounts on lines.account_id = accounts.account_id
        group by lines.document_id, lines.posting_date
    )
    where ledger_minor <> 0 or has_unread_amount = 1 or has_unknown_account = 1
),

unread as (
    select
        periods.last_date,
        case when max(reports.stream) = 'general_ledgers' then 'trial balance' else 'general ledger' end as report
    from stg_files__fiscal_periods as periods
    inner join stg_quickbooks__reports as reports
        on (reports.stream = 'trial_balances' and periods.last_date = reports.last_date)
        or (reports.stream = 'general_ledgers' and periods.first_date = reports.first_date)
    group by periods.last_date
    having count(distinct reports.stream) = 1
),

-- What may be wrong: transactions of the period whose document says another amount for the account.
suspected as (
    select
        ends.last_date, postings.account_id,
        min(
            postings.document_type || ' ' || coalesce(postings.document_number, postings.document_id)
            || coalesce(', line ' || postings.line_id, '') || ': ' || postings.ledger_minor || ' posted, '
            || postings.derived_minor || ' by the document'
        ) as suspect,
        count(*) as suspects
    from ends
    inner join int_postings_explained as postings
        on postings.explanation = 'differs' and postings.posting_date <= ends.last_date
        and (ends.prior_last_date is null or postings.posting_date > ends.prior_last_date)
    group by ends.last_date, postings.account_id
),

found as (
    select
        'trial_balance' as proof, differences.last_date, differences.account_id,
        cast(null as {{ dbt.type_string() }}) as class_id, differences.ledger_minor, differences.reported_minor,
        suspected.suspect, coalesce(suspected.suspects, 0) as suspects
    from of_trial_balance as differences
    left join suspected
        on differences.last_date = suspected.last_date and differences.account_id = suspected.account_id
    union all
    select 'class', last_date, account_id, class_id, ledger_minor, reported_minor, null, 0
    from int_class_differences_found
    union all
    select
        'entry', posting_date, null, null, ledger_minor, 0,
        document_type || ' ' || coalesce(document_number, document_id, 'without an id')
        || case when has_unread_amount = 1 then ': an amount can not be read' else '' end
        || case when has_unknown_account = 1 then ': an account is not in the chart of accounts' else '' end,
        1
    from of_entry
    union all
    select 'unread', last_date, null, null, null, null, 'the ' || report || ' of the period, which was not read', 1
    from unread
)

select
    found.proof,
    periods.fiscal_period,
    found.last_date as difference_date,
    found.account_id,
    accounts.full_name as account_name,
    found.class_id,
    cast(found.ledger_minor as bigint) as ledger_minor,
    cast(found.reported_minor as bigint) as reported_minor,
    found.suspect,
    cast(found.suspects as bigint) as suspects
from found
left join accounts on found.account_id = accounts.account_id
left join stg_files__fiscal_periods as periods on found.last_date between periods.first_date and periods.last_date
