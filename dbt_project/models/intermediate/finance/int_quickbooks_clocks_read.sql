with stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
stg_quickbooks__stream_counts as (select * from {{ ref('stg_quickbooks__stream_counts') }})

select
    clock.data_as_of,
    clock.loaded_at,
    books.book_close_date as closed_through_date,
    max_by(periods.fiscal_period, periods.last_date) as closed_fiscal_period
from (
    select max(data_as_of) as data_as_of, max(loaded_at) as loaded_at from stg_quickbooks__stream_counts
) as clock
left join stg_quickbooks__preferences as books on true
left join stg_files__fiscal_periods as periods on periods.last_date <= books.book_close_date
group by clock.data_as_of, clock.loaded_at, books.book_close_date
