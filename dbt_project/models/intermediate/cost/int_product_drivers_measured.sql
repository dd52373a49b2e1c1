-- What a cost that several products bring about can be shared out by, and what each product has of it. A product counts
-- with all that is below it, as in the marts: those right under their portfolio, and nobody's for none.
with fct_event_daily as (select * from {{ ref('fct_event_daily') }}),
fct_revenue_recognised as (select * from {{ ref('fct_revenue_recognised') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),
int_product_rollups_ranged as {{ inlined() }} (select * from {{ ref('int_product_rollups_ranged') }}),
stg_files__products as (select * from {{ ref('stg_files__products') }}),

used as (
    select
        periods.fiscal_period, facts.product_id,
        cast(sum(facts.event_weight) * 1000000 as bigint) as events,
        count(distinct facts.canonical_user_id) as active_users
    from fct_event_daily as facts
    inner join int_amplitude_clocks_read as clock on facts.activity_date <= clock.last_date
    inner join int_fiscal_periods_begun as periods
        on facts.activity_date between periods.first_date and periods.last_date
    left join int_product_rollups_ranged as rolled_up
        on facts.product_id = rolled_up.product_id and {{ valid_on('rolled_up', 'facts.activity_date') }}
    where facts.is_active and not facts.is_bot and not facts.is_internal and rolled_up.product_id is null
    group by periods.fiscal_period, facts.product_id
),

measured as (
    select fiscal_period, 'events' as driver_id, product_id, events as weight from used
    union all
    select fiscal_period, 'active_users', product_id, active_users from used
    union all
    select fiscal_period, 'revenue', product_id, cast(sum(amount_minor) as bigint)
    from fct_revenue_recognised
    group by fiscal_period, product_id
    union all
    select periods.fiscal_period, 'equal', products.product_id, 1
    from int_fiscal_periods_begun as periods
    inner join stg_files__products as products
        on products.level = 'product' and {{ valid_on('products', 'periods.as_of_date') }}
    left join int_product_rollups_ranged as rolled_up
        on products.product_id = rolled_up.product_id and {{ valid_on('rolled_up', 'periods.as_of_date') }}
    where rolled_up.product_id is null
)

select fiscal_period, driver_id, product_id, weight
from measured
where weight > 0 and product_id not in ('UNMAPPED', 'UNALLOCATED', 'COMPANY')
