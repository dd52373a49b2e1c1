-- The books' own reports, against the ledger and against revenue: each period with a trial balance, by the largest
-- difference in it, and what each account of revenue earned by the profit and loss. A period that does not tie is held
-- back from revenue, and is not compared with it. Revenue is that of the accounts, before it is shared out: what comes
-- of it is proven by tests, and needs more than the books.
with int_ledger_differences_found as {{ inlined() }} (select * from {{ ref('int_ledger_differences_found') }}),
int_revenue_postings_selected as (select * from {{ ref('int_revenue_postings_selected') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }}),
stg_files__fiscal_periods as {{ inlined() }} (select * from {{ ref('stg_files__fiscal_periods') }}),
stg_quickbooks__accounts as {{ inlined() }} (select * from {{ ref('stg_quickbooks__accounts') }}),
stg_quickbooks__report_cells as (select * from {{ ref('stg_quickbooks__report_cells') }}),
stg_quickbooks__reports as {{ inlined() }} (select * from {{ ref('stg_quickbooks__reports') }}),

largest as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by fiscal_period
                order by abs(coalesce(ledger_minor, 0) - coalesce(reported_minor, 0)) desc, proof, account_id, class_id
            ) as choice
        from int_ledger_differences_found
    ) as ranked
    where choice = 1
),

-- Accounts of revenue by the day that the report ends.
reported as (
    select periods.fiscal_period, cells.account_id, sum(cells.amount_minor) as amount_minor
    from stg_quickbooks__reports as reports
    inner join stg_files__fiscal_periods as periods
        on reports.first_date = periods.first_date and reports.last_date = periods.last_date
    inner join stg_quickbooks__report_cells as cells
        on reports.stream = cells.stream and reports.report_id = cells.report_id and cells.column_key = 'total'
    inner join stg_quickbooks__accounts as accounts on cells.account_id = accounts.account_id
    left join stg_files__account_maps as maps
        on accounts.account_id = maps.account_id and {{ valid_on('maps', 'periods.last_date') }}
    where reports.stream = 'profit_and_loss_by_class'
        and coalesce(maps.statement_group, case when accounts.account_type = 'Income' then 'revenue' end) = 'revenue'
        and not exists (
            select 1 from int_ledger_differences_found as found where found.fiscal_period = periods.fiscal_period
        )
    group by periods.fiscal_period, cells.account_id
),

recognised as (
    select fiscal_period, account_id, sum(amount_minor) as amount_minor
    from int_revenue_postings_selected
    where fiscal_period in (select fiscal_period from reported)
    group by fiscal_period, account_id
)

select
    'ledger_periods_tied' as control_id,
    periods.fiscal_period as object_id,
    coalesce(largest.proof || ' ' || coalesce(largest.account_name, largest.suspect, ''), 'all proofs') as object_part,
    cast(largest.reported_minor as {{ dbt.type_string() }}) as vendor_figure,
    cast(largest.ledger_minor as {{ dbt.type_string() }}) as our_figure,
    largest.fiscal_period is null as is_agreed
from stg_files__fiscal_periods as periods
left join largest on periods.fiscal_period = largest.fiscal_period
where periods.last_date in (select last_date from stg_quickbooks__reports where stream = 'trial_balances')
union all
select
    'recognised_revenue',
    coalesce(reported.fiscal_period, recognised.fiscal_period),
    coalesce(accounts.full_name, reported.account_id, recognised.account_id),
    cast(coalesce(reported.amount_minor, 0) as {{ dbt.type_string() }}),
    cast(coalesce(recognised.amount_minor, 0) as {{ dbt.type_string() }}),
    coalesce(reported.amount_minor, 0) = coalesce(recognised.amount_minor, 0)
from reported
full outer join recognised
    on reported.fiscal_period = recognised.fiscal_period and reported.account_id = recognised.account_id
left join stg_quickbooks__accounts as accounts
    on coalesce(reported.account_id, recognised.account_id) = accounts.account_id
