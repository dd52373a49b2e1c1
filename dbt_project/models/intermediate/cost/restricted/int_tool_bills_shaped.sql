-- What ai_spend.csv says of each period: bills spread over their days, for the team that had the tool on each of them
-- and its products, worth what the books made of the vendor's own bills. In equal months where a bill is for whole
-- ones: 377,580 is the least number that 28, 29, 30 and 31 are all in.
with stg_files__ai_bills as (select * from {{ ref('stg_files__ai_bills') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),
int_tool_postings_named as (select * from {{ ref('int_tool_postings_named') }}),
dim_worker as (select * from {{ ref('dim_worker') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
currencies as (select * from {{ ref('currencies') }}),

bills as (
    select
        bills.*,
        {{ half_even('bills.amount * ' ~ power_of_ten('currencies.minor_unit_exponent'), '1') }} as bill_minor,
        row_number() over (
            order by vendor_name, from_date, to_date, team_id, user_key, amount, bills.currency
        ) as bill_number
    from stg_files__ai_bills as bills
    inner join currencies on bills.currency = currencies.currency
),

today as (
    select max(as_of_date) as today from int_fiscal_periods_begun
),

days as (
    select days.*, coalesce(periods.fiscal_period, 'LATER') as fiscal_period, least(days.day, today.today) as known_day
    from (
        select
            from_date, to_date,
            {{ daily_dates('from_date', dbt.dateadd('day', -1, 'to_date')) }} as day
        from (select distinct from_date, to_date from bills) as ranges
    ) as days
    cross join today
    left join stg_files__fiscal_periods as periods on days.day between periods.first_date and periods.last_date
),

weights as (
    select
        from_date, to_date, fiscal_period,
        sum(case
            when extract(day from from_date) = 1 and extract(day from to_date) = 1
                then {{ whole_quotient('377580', 'extract(day from ' ~ dbt.last_day('day', 'month') ~ ')') }}
            else 1
        end) as weight
    from days
    group by from_date, to_date, fiscal_period
),

bill_periods as (
    select bills.*, weights.fiscal_period, weights.weight
    from bills
    inner join weights on bills.from_date = weights.from_date and bills.to_date = weights.to_date
),

spread as (
    select *, shared_minor as period_minor
    from ({{ shared_out('bill_periods', ['bill_number'], ['fiscal_period'], 'bill_minor', 'weight') }}) as shared
),

used as (
    select
        spread.bill_number, spread.fiscal_period, min(spread.vendor_name) as vendor_name,
        min(spread.currency) as currency, min(spread.period_minor) as period_minor,
        coalesce(spread.team_id, workers.team_id, 'UNMAPPED') as team_id,
        case
            when coalesce(spread.team_id, workers.team_id, 'UNMAPPED') = 'UNMAPPED' then 'UNATTRIBUTED'
            else coalesce(products.product_id, 'UNALLOCATED')
        end as product_id,
        sum(coalesce(products.share_millionths, 1000000)) as weight
    from spread
    inner join int_fiscal_periods_begun as begun on spread.fiscal_period = begun.fiscal_period
    inner join days
        on spread.from_date = days.from_date and spread.to_date = days.to_date
        and spread.fiscal_period = days.fiscal_period
    left join stg_files__worker_maps as maps
        on maps.mapped_source = 'vendor' and spread.user_key = maps.person_key
        and {{ valid_on('maps', 'days.known_day') }}
    left join dim_worker as workers
        on maps.worker_id = workers.worker_id and workers.is_employed and {{ valid_on('workers', 'days.known_day') }}
    left join int_team_products_ranged as products
        on coalesce(spread.team_id, workers.team_id) = products.team_id
        and {{ valid_on('products', 'days.known_day') }}
    where spread.period_minor <> 0
    group by 1, 2, 6, 7
),

cells as (
    select vendor_name, fiscal_period, currency, team_id, product_id, cast(sum(shared_minor) as bigint) as own_minor
    from (
        {{ shared_out('used', ['bill_number', 'fiscal_period'], ['team_id', 'product_id'], 'period_minor', 'weight') }}
    ) as shared
    group by vendor_name, fiscal_period, currency, team_id, product_id
    having sum(shared_minor) <> 0
),

-- What the vendor's own bills of the period were booked at.
booked as (
    select
        vendor_name, fiscal_period, own_currency, sum(amount_minor) as home_minor, sum(own_minor) as own_minor
    from int_tool_postings_named
    where vendor_name is not null and own_currency <> currency
    group by vendor_name, fiscal_period, own_currency
    having sum(amount_minor) > 0 and sum(own_minor) > 0
),

home as (
    select min(home_currency) as home_currency from stg_quickbooks__preferences
),

needed as (
    select distinct cells.fiscal_period, cells.currency
    from cells
    inner join home on cells.currency <> home.home_currency
    left join booked
        on cells.vendor_name = booked.vendor_name and cells.fiscal_period = booked.fiscal_period
        and cells.currency = booked.own_currency
    where booked.vendor_name is null
),

periods as (
    select * from int_fiscal_periods_begun
),

reporting as (
    select reporting_currency from int_policies_read
),

known as (
    select currency from bills
    union
    select home_currency from home
    union
    select reporting_currency from reporting
),

needs as (
    select fiscal_period, currency from needed
    union
    select needed.fiscal_period, home.home_currency from needed cross join home
),

resolved as (
    with {{ rates_resolved(['actual']) }}
),

rated as (
    select
        cells.*,
        case
            when cells.currency = home.home_currency then 1
            else {{ whole('coalesce(booked.home_minor, own.actual_numerator * books.actual_denominator)') }}
        end as numerator,
        case
            when cells.currency = home.home_currency then 1
            else {{ whole('coalesce(booked.own_minor, own.actual_denominator * books.actual_numerator)') }}
        end as denominator
    from cells
    cross join home
    left join booked
        on cells.vendor_name = booked.vendor_name and cells.fiscal_period = booked.fiscal_period
        and cells.currency = booked.own_currency
    left join resolved as own
        on cells.fiscal_period = own.fiscal_period and cells.currency = own.currency
    left join resolved as books
        on cells.fiscal_period = books.fiscal_period and home.home_currency = books.currency
),

valued as (
    select
        *,
        {{ half_even('own_minor * numerator', 'denominator') }} as worth_minor,
        sum(own_minor) over (partition by vendor_name, fiscal_period, currency) as all_own_minor
    from rated
),

priced as (
    select *, {{ half_even('all_own_minor * numerator', 'denominator') }} as all_minor from valued
)

select
    vendor_name,
    fiscal_period,
    team_id,
    product_id,
    cast(sum(fitted_minor) as bigint) as file_minor
from (
    {{ fitted(
        'priced', ['vendor_name', 'fiscal_period', 'currency'], ['team_id', 'product_id'], 'own_minor', 'worth_minor',
        'all_minor'
    ) }}
) as filed
group by vendor_name, fiscal_period, team_id, product_id
having sum(fitted_minor) <> 0
