-- Under which statement group the ledger has the payroll of a function. Where it has none in a period, HR's days are no
-- cost: the ledger owns the amount.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),
int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }}),

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
    select distinct rules.fiscal_period, lower({{ function_of('maps.function_name') }}) as function_name
    from int_allocation_rules_resolved as rules
    inner join stg_files__account_maps as maps
        on maps.statement_group = 'cost_of_revenue' and maps.cost_type = 'payroll'
        and {{ valid_on('maps', 'rules.as_of_date') }}
),

placed as (
    select
        worked.fiscal_period, worked.function_name, payroll.currency,
        case
            when serving.function_name is not null
                then case when payroll.is_in_cost_of_revenue then 'cost_of_revenue' end
            when payroll.is_in_operating_expense then 'operating_expense'
            when payroll.is_in_cost_of_revenue then 'cost_of_revenue'
        end as statement_group
    from (
        select distinct fiscal_period, lower(function_name) as function_name
        from fct_worker_day
        where is_head and paid_thousandths > 0
    ) as worked
    inner join payroll on worked.fiscal_period = payroll.fiscal_period
    left join serving
        on worked.fiscal_period = serving.fiscal_period and worked.function_name = serving.function_name
)

select fiscal_period, function_name, statement_group, currency
from placed
where statement_group is not null
