{#- What account_group in budget.csv may be, and which lines of the profit and loss it is set against. -#}
{%- set lines = {
    'revenue': ['recognised_revenue'],
    'cost_of_revenue': ['cost_of_revenue'],
    'operating_expense': ['operating_expense'],
    'research_and_development': ['research_and_development_direct', 'research_and_development_shared'],
    'sales_and_marketing': ['sales_and_marketing'],
    'general_and_administration': ['general_and_administrative'],
} -%}
{%- set run_rate_periods = 3 -%}
with mart_product_pnl as {{ inlined() }} (select * from {{ ref('mart_product_pnl') }}),
stg_files__budgets as (select * from {{ ref('stg_files__budgets') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
stg_files__plan_rates as {{ inlined() }} (select * from {{ ref('stg_files__plan_rates') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
dim_currency as {{ inlined() }} (select * from {{ ref('dim_currency') }}),

-- The currency of the books, or without any books the one that budgets are in.
books as (
    select
        coalesce(max(pnl.currency), max(policy.reporting_currency)) as currency,
        max(policy.reporting_currency) as reporting_currency,
        max(pnl.data_as_of) as data_as_of,
        max(pnl.loaded_at) as loaded_at
    from int_policies_read as policy
    left join mart_product_pnl as pnl on true
),

clock as (
    select
        least(coalesce(books.data_as_of, files.data_as_of), files.data_as_of) as data_as_of,
        least(coalesce(books.loaded_at, files.loaded_at), files.loaded_at) as loaded_at
    from books
    cross join int_files_clocks_read as files
),

periods as (
    select
        calendar.fiscal_period, calendar.fiscal_year, calendar.first_date, calendar.last_date,
        {{ dbt.datediff('calendar.first_date', 'calendar.last_date', 'day') }} + 1 as days,
        begun.fiscal_period is not null as is_begun,
        coalesce(begun.is_complete, false) as is_complete,
        begun.prior_fiscal_period,
        coalesce(begun.as_of_date, calendar.last_date) as as_of_date
    from stg_files__fiscal_periods as calendar
    left join int_fiscal_periods_begun as begun on calendar.fiscal_period = begun.fiscal_period
),

-- Minor units of the reporting currency, then of the books at the planned rates of the year.
planned_units as (
    select
        plans.account_group, plans.product_id, plans.fiscal_period, periods.fiscal_year,
        {{ half_even(
            trillionths('plans.amount') ~ ' * cast(power(10, reporting.minor_unit_exponent) as bigint)', trillion()
        ) }} as reporting_minor
    from stg_files__budgets as plans
    inner join periods on plans.fiscal_period = periods.fiscal_period
    cross join books
    inner join dim_currency as reporting on books.reporting_currency = reporting.currency
),

planned as (
    select
        plans.account_group, plans.product_id, plans.fiscal_period,
        case
            when books.currency = books.reporting_currency then plans.reporting_minor
            {% for side, currency in [('own', 'books.currency'), ('reporting', 'books.reporting_currency')] %}
            when {{ side }}_rates.rate is null and {{ currency }} <> 'EUR'
                then {{ stop("'no planned rate of ' || " ~ currency ~ " || ' for ' || plans.fiscal_year || "
                    ~ rate_remedy('plan')) }}
            {% endfor %}
            else {{ half_even(
                whole('plans.reporting_minor') ~ ' * ' ~ trillionths('coalesce(own_rates.rate, 1)')
                    ~ ' * cast(power(10, own.minor_unit_exponent) as bigint)',
                trillionths('coalesce(reporting_rates.rate, 1)')
                    ~ ' * cast(power(10, reporting.minor_unit_exponent) as bigint)'
            ) }}
        end as budget_minor
    from planned_units as plans
    cross join books
    inner join dim_currency as own on books.currency = own.currency
    inner join dim_currency as reporting on books.reporting_currency = reporting.currency
    left join stg_files__plan_rates as own_rates
        on books.currency = own_rates.currency and plans.fiscal_year = own_rates.fiscal_year
    left join stg_files__plan_rates as reporting_rates
        on books.reporting_currency = reporting_rates.currency and plans.fiscal_year = reporting_rates.fiscal_year
),

booked as (
    {% for group, columns in lines.items() %}
    select
        pnl.fiscal_period, '{{ group }}' as account_group, pnl.product_id,
        {{ whole('(pnl.' ~ columns | join(' + pnl.') ~ ') * '
            ~ power_of_ten('own.minor_unit_exponent')) }} as actual_minor
    from mart_product_pnl as pnl
    inner join dim_currency as own on pnl.currency = own.currency
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What is planned for no product in particular is in the company's line alone.
budgets as (
    select fiscal_period, account_group, product_id, budget_minor from planned where product_id is not null
    union all
    select fiscal_period, account_group, 'COMPANY', sum(budget_minor) from planned group by 1, 2
),

actuals as (
    select fiscal_period, account_group, product_id, actual_minor from booked
    union all
    select
        fiscal_period, account_group, 'COMPANY',
        case when count(actual_minor) = count(*) then sum(actual_minor) end
    from booked
    group by 1, 2
),

-- Of a group of accounts in a period that has begun: no row where the books are not there.
known as (
    select fiscal_period, account_group, count(actual_minor) = count(*) as is_shown
    from booked
    group by 1, 2
),

-- All periods of each year in which anything was planned for the line or came of it.
years as (
    select distinct periods.fiscal_year, found.account_group, found.product_id
    from (
        select fiscal_period, account_group, product_id from budgets
        union all
        select fiscal_period, account_group, product_id from actuals where coalesce(actual_minor, 1) <> 0
    ) as found
    inner join periods on found.fiscal_period = periods.fiscal_period
),

cells as (
    select
        periods.fiscal_period, years.account_group, years.product_id, periods.days, periods.is_complete as is_over,
        case when known.is_shown then coalesce(actuals.actual_minor, 0) end as actual_minor,
        case
            when years.account_group not in ('{{ lines | join("', '") }}') then 'unknown_group'
            when not periods.is_begun then 'not_begun'
            when known.is_shown is null then 'no_actual'
            when not known.is_shown then 'withheld'
        end as lacking,
        budgets.budget_minor
    from years
    inner join periods on years.fiscal_year = periods.fiscal_year
    left join known on periods.fiscal_period = known.fiscal_period and years.account_group = known.account_group
    left join actuals
        on periods.fiscal_period = actuals.fiscal_period and years.account_group = actuals.account_group
        and years.product_id = actuals.product_id
    left join budgets
        on periods.fiscal_period = budgets.fiscal_period and years.account_group = budgets.account_group
        and years.product_id = budgets.product_id
),

recent as (
    select
        known.account_group, periods.fiscal_period, periods.days,
        row_number() over (partition by known.account_group order by periods.first_date desc) as age
    from known
    inner join periods on known.fiscal_period = periods.fiscal_period and periods.is_complete
    where known.is_shown
),

run_rates as (
    select
        recent.account_group, lines.product_id, sum(recent.days) as days,
        sum(coalesce(actuals.actual_minor, 0)) as actual_minor
    from recent
    inner join (select distinct account_group, product_id from years) as lines
        on recent.account_group = lines.account_group
    left join actuals
        on recent.fiscal_period = actuals.fiscal_period and recent.account_group = actuals.account_group
        and lines.product_id = actuals.product_id
    where recent.age <= {{ run_rate_periods }}
    group by 1, 2
),

forecast_by as (
    select
        cells.*,
        books.currency as home_currency,
        cells.actual_minor - cells.budget_minor as variance_minor,
        case
            when cells.is_over and cells.actual_minor is not null then 'actual'
            when cells.budget_minor is not null then 'budget'
            when run_rates.days > 0 then 'run_rate'
        end as forecast_rule,
        {{ half_even('run_rates.actual_minor * ' ~ whole('cells.days'), 'run_rates.days') }} as run_rate_minor
    from cells
    cross join books
    left join run_rates
        on cells.account_group = run_rates.account_group and cells.product_id = run_rates.product_id
),

forecasts as (
    select
        *,
        case forecast_rule
            when 'actual' then actual_minor when 'budget' then budget_minor when 'run_rate' then run_rate_minor
        end as forecast_minor
    from forecast_by
),

labelled as (
    {{ labelled('forecasts', 'periods', 'clock', named=[], currency='cells.home_currency') }}
)

select
    labelled.product_id = 'COMPANY' as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.account_group,
    {{ in_units('labelled.actual_minor', 'labelled') }} as actual,
    {{ in_units('labelled.budget_minor', 'labelled') }} as budget,
    {{ in_units('labelled.variance_minor', 'labelled') }} as variance,
    {{ guarded('variance_ratio', 'labelled.variance_minor', 'abs(labelled.budget_minor)', none, 'no_budget',
        unless='labelled.lacking') }},
    {{ in_units('labelled.forecast_minor', 'labelled') }} as forecast,
    labelled.forecast_rule,
    labelled.currency,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
left join stg_quickbooks__preferences as preferences on true
