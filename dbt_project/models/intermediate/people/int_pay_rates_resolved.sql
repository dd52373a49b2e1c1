-- Pay of employees is converted at the last rate of the period; a currency in which nobody is paid then needs none.
-- Contractors are paid by their bills, which the books convert.
with int_pay_ranges_valued as {{ inlined() }} (select * from {{ ref('int_pay_ranges_valued') }}),
dim_worker as {{ inlined() }} (select * from {{ ref('dim_worker') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

periods as {{ inlined() }} (
    select * from int_fiscal_periods_begun
),

reporting as {{ inlined() }} (
    select reporting_currency from int_policies_read
),

known as (
    select currency from int_pay_ranges_valued where currency is not null
    union
    select reporting_currency from reporting
),

needs as (
    select distinct periods.fiscal_period, paid.currency
    from dim_worker as workers
    inner join int_pay_ranges_valued as paid
        on workers.employee_id = paid.employee_id
        and workers.valid_from < paid.valid_to and paid.valid_from < workers.valid_to
    inner join periods
        on greatest(workers.valid_from, paid.valid_from) <= periods.as_of_date
        and periods.first_date < least(workers.valid_to, paid.valid_to)
    where workers.is_employed and workers.worker_type <> 'contractor'
),

{{ rates_resolved(['actual']) }}
