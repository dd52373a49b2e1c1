-- People at standard: paid days times the standard rate of their function, for the products of each day's team. What
-- pay differs from standard is left to the remainder. Rates are in the reporting currency, the ledger in its own one,
-- at the period's last rate.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_pay_rates_resolved as (select * from {{ ref('int_pay_rates_resolved') }}),
int_people_groups_resolved as (select * from {{ ref('int_people_groups_resolved') }}),
int_standard_rates_resolved as (select * from {{ ref('int_standard_rates_resolved') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),

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

converted as (
    select
        places.*,
        {{ half_even(
            whole('standards.rate_millionths') ~ ' * ' ~ whole('rates.actual_denominator'),
            whole('rates.actual_numerator')
        ) }} as rate_millionths
    from int_people_groups_resolved as places
    inner join int_fiscal_periods_begun as periods on places.fiscal_period = periods.fiscal_period
    inner join int_standard_rates_resolved as standards
        on periods.fiscal_year = standards.fiscal_year and places.function_name = standards.function_name
    inner join int_pay_rates_resolved as rates
        on places.fiscal_period = rates.fiscal_period and places.currency = rates.currency
)

select
    converted.fiscal_period,
    converted.statement_group,
    converted.function_name,
    worked.product_id,
    {{ half_even('worked.days_billionths * converted.rate_millionths', '1000000000000000') }} as amount_minor,
    converted.currency
from converted
inner join worked
    on converted.fiscal_period = worked.fiscal_period and converted.function_name = worked.function_name
