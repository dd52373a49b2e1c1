-- Periods begin by the newer of the two clocks: books that go on while billing has no news, or of a company that bills
-- elsewhere, have their periods all the same.
with int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),

clock as (
    select
        greatest(
            billing.as_of_date, cast({{ to_local('books.data_as_of', 'billing.reporting_time_zone') }} as date)
        ) as as_of_date
    from int_stripe_clocks_read as billing
    cross join int_quickbooks_clocks_read as books
)

select
    periods.fiscal_period,
    periods.fiscal_year,
    lag(periods.fiscal_period) over (order by periods.first_date) as prior_fiscal_period,
    periods.last_date,
    least(periods.last_date, clock.as_of_date) as as_of_date,
    periods.last_date < clock.as_of_date as is_complete
from stg_files__fiscal_periods as periods
inner join clock on periods.first_date <= clock.as_of_date
