-- People at standard: paid days times the standard rate of their function, for the products of each day's team. On the
-- statement group on which the ledger has their payroll, and nowhere where it has none: the ledger owns the amount, and
-- what pay differs from standard is left to the remainder.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
int_allocation_rules_resolved as {{ inlined() }} (select * from {{ ref('int_allocation_rules_resolved') }}),
int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_pay_rates_resolved as (select * from {{ ref('int_pay_rates_resolved') }}),
int_standard_rates_resolved as (select * from {{ ref('int_standard_rates_resolved') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }}),

team_days as (
    select
        fiscal_period, lower(function_name) as function_name, team_id, work_date,
        sum(paid_thousandths) as paid_thousandths
    from fct_worker_day
    where is_head and paid_thousandths > 0
    group by 1, 2, 3, 4
),

worked as (
    select
        days.fiscal_period, days.function_name, coalesce(products.product_id, 'UNALLOCATED') as product_id,
        sum({{ whole('days.paid_thousandths') }} * coalesce(products.share_millionths, 1000000)) as days_billionths
    from team_days as days
    left join int_team_products_ranged as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    group by 1, 2, 3
),

payroll as (
    select
        fiscal_period, currency,
        sum(case when statement_group = 'cost_of_revenue' then amount_minor else 0 end) > 0 as is_in_cost_of_revenue,
        sum(case when statement_group = 'operating_expense' then amount_minor else 0 end) > 0
            as is_in_operating_expense
    from int_cost_postings_selected
    where cost_type = 'payroll'
    group by fiscal_period, currency
),

serving as (
    select distinct rules.fiscal_period, lower(maps.function_name) as function_name
    from int_allocation_rules_resolved as rules
    inner join stg_files__account_maps as maps
        on maps.statement_group = 'cost_of_revenue' and maps.cost_type = 'payroll'
        and {{ valid_on('maps', 'rules.as_of_date') }}
),

-- Standard rates are in the reporting currency, the ledger in its own one, at the period's last rate.
placed as (
    select
        worked.*, payroll.currency,
        case
            when serving.function_name is not null
                then case when payroll.is_in_cost_of_revenue then 'cost_of_revenue' end
            when payroll.is_in_operating_expense then 'operating_expense'
            when payroll.is_in_cost_of_revenue then 'cost_of_revenue'
        end as statement_group,
        {{ half_even(
            whole('standards.rate_millionths') ~ ' * ' ~ whole('rates.actual_denominator'),
            whole('rates.actual_numerator')
        ) }} as rate_millionths
    from worked
    inner join payroll on worked.fiscal_period = payroll.fiscal_period
    inner join int_fiscal_periods_begun as periods on worked.fiscal_period = periods.fiscal_period
    inner join int_standard_rates_resolved as standards
        on periods.fiscal_year = standards.fiscal_year and worked.function_name = standards.function_name
    inner join int_pay_rates_resolved as rates
        on worked.fiscal_period = rates.fiscal_period and payroll.currency = rates.currency
    left join serving
        on worked.fiscal_period = serving.fiscal_period and worked.function_name = serving.function_name
)

select
    fiscal_period,
    statement_group,
    function_name,
    product_id,
    {{ half_even('days_billionths * rate_millionths', '1000000000000000') }} as amount_minor,
    currency
from placed
where statement_group is not null
