with int_cost_centres_summed as (select * from {{ ref('int_cost_centres_summed') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
int_remainders_judged as (select * from {{ ref('int_remainders_judged') }}),
stg_quickbooks__names as {{ inlined() }} (select * from {{ ref('stg_quickbooks__names') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
dim_currency as (select * from {{ ref('dim_currency') }}),
dim_team as (select * from {{ ref('dim_team') }})

select
    false as is_rollup,
    cells.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.is_complete,
    cells.statement_group,
    cells.centre_type as cost_centre_type,
    cells.centre_id as cost_centre_id,
    case cells.centre_type
        when 'team' then teams.team_name
        when 'department'
            then case cells.centre_id when 'UNMAPPED' then 'Unmapped' else departments.full_name end
        when 'company' then case cells.centre_id when 'DEPRECIATION' then 'Depreciation' else 'Remainder' end
    end as cost_centre_name,
    cells.function_name,
    {{ in_units('cells.amount_minor', 'currencies') }} as cost,
    cells.currency,
    judged.remainder,
    coalesce(periods.last_date <= preferences.book_close_date, false) as is_closed,
    least(books.data_as_of, people.data_as_of) as data_as_of,
    least(books.loaded_at, people.loaded_at) as loaded_at
from int_cost_centres_summed as cells
inner join int_fiscal_periods_begun as periods on cells.fiscal_period = periods.fiscal_period
inner join dim_currency as currencies on cells.currency = currencies.currency
cross join int_quickbooks_clocks_read as books
cross join int_bamboohr_clocks_read as people
left join int_remainders_judged as judged on cells.fiscal_period = judged.fiscal_period
left join stg_quickbooks__preferences as preferences on true
left join dim_team as teams on cells.centre_type = 'team' and cells.centre_id = teams.team_id
left join stg_quickbooks__names as departments
    on cells.centre_type = 'department' and departments.stream = 'departments'
    and cells.centre_id = departments.name_id
