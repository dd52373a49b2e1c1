-- A customer's figures are those of the period's end. Accounts that no customer owns are one row, with what they bring
-- and nothing that is of one customer.
with fct_mrr_balance as {{ inlined() }} (select * from {{ ref('fct_mrr_balance') }}),
int_customer_contracts_dated as (select * from {{ ref('int_customer_contracts_dated') }}),
int_customer_users_counted as (select * from {{ ref('int_customer_users_counted') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
dim_customer as (select * from {{ ref('dim_customer') }}),
dim_product as (select * from {{ ref('dim_product') }}),
dim_segment as (select * from {{ ref('dim_segment') }}),
dim_market as (select * from {{ ref('dim_market') }}),
dim_currency as (select * from {{ ref('dim_currency') }}),

held as (
    select
        fiscal_period, customer_id, segment, market,
        12 * sum(mrr_plan_minor) as arr_minor, 12 * sum(mrr_actual_minor) as arr_actual_minor
    from fct_mrr_balance
    group by 1, 2, 3, 4
),

products as (
    select
        parts.fiscal_period, parts.customer_id, count(*) as products,
        {{ dbt.listagg('coalesce(names.product_name, parts.product_id)', "', '",
            'order by coalesce(names.product_name, parts.product_id)') }} as product_names
    from (
        select distinct fiscal_period, customer_id, product_id from fct_mrr_balance where product_id <> 'UNMAPPED'
    ) as parts
    left join dim_product as names on parts.product_id = names.product_id
    group by 1, 2
),

labelled as (
    select
        held.*,
        held.customer_id <> 'UNMAPPED' as is_known,
        periods.fiscal_year, periods.last_date as period_end_date, periods.as_of_date, periods.is_complete,
        currencies.currency, currencies.minor_unit_exponent,
        clock.data_as_of, clock.loaded_at
    from held
    inner join int_revenue_periods_ranged as periods on held.fiscal_period = periods.fiscal_period
    cross join int_stripe_clocks_read as clock
    inner join dim_currency as currencies on clock.reporting_currency = currencies.currency
),

judged as (
    select
        labelled.*,
        contracts.first_paid_date, contracts.next_renewal_date, contracts.renewal_minor,
        contracts.renewal_this_quarter_minor, contracts.renewal_next_quarter_minor,
        users.last_active_date, users.active_users_28d, users.active_users_28d_before,
        case
            when not labelled.is_known then null
            when contracts.has_notice then 'notice_given'
            when users.active_users_28d is null then 'usage_not_known'
            when users.active_users_28d = 0 then 'nobody_active'
            -- Of fewer people than a ratio may be made of, half are nothing to speak of.
            when users.active_users_28d_before >= policy.ratio_min_n
                and 2 * users.active_users_28d <= users.active_users_28d_before then 'users_halved'
            else 'in_use'
        end as health_reason
    from labelled
    cross join int_policies_read as policy
    left join int_customer_contracts_dated as contracts
        on labelled.fiscal_period = contracts.fiscal_period and labelled.customer_id = contracts.customer_id
    left join int_customer_users_counted as users
        on labelled.fiscal_period = users.fiscal_period and labelled.customer_id = users.customer_id
)

select
    judged.fiscal_period,
    judged.fiscal_year,
    judged.period_end_date,
    judged.is_complete,
    false as is_rollup,
    judged.customer_id,
    customers.customer_name,
    judged.segment,
    segments.segment_name,
    judged.market,
    markets.market_name,
    {{ in_units('judged.arr_minor', 'judged') }} as closing_arr,
    {{ in_units('judged.arr_actual_minor', 'judged') }} as closing_arr_actual,
    judged.currency,
    case when judged.is_known then cast(coalesce(products.products, 0) as bigint) end as products,
    case when judged.is_known then products.product_names end as product_names,
    judged.first_paid_date,
    cast(
        {{ dbt.datediff('judged.first_paid_date', 'judged.as_of_date', 'month') }}
        - case
            when extract(day from judged.as_of_date) < extract(day from judged.first_paid_date) then 1 else 0
        end as bigint
    ) as tenure_months,
    judged.last_active_date,
    judged.active_users_28d,
    judged.active_users_28d_before,
    case when judged.is_known then judged.next_renewal_date end as next_renewal_date,
    case when judged.is_known then {{ in_units('12 * judged.renewal_minor', 'judged') }} end as renewal_arr,
    {{ in_units('12 * judged.renewal_this_quarter_minor', 'judged') }} as renewal_this_quarter_arr,
    {{ in_units('12 * judged.renewal_next_quarter_minor', 'judged') }} as renewal_next_quarter_arr,
    case judged.health_reason
        when 'notice_given' then 'at_risk'
        when 'users_halved' then 'at_risk'
        when 'nobody_active' then 'no_usage'
        when 'usage_not_known' then 'unknown'
        when 'in_use' then 'healthy'
    end as health,
    judged.health_reason,
    judged.data_as_of,
    judged.loaded_at
from judged
left join dim_customer as customers on judged.customer_id = customers.customer_id
left join dim_segment as segments on judged.segment = segments.segment
left join dim_market as markets on judged.market = markets.market
left join products on judged.fiscal_period = products.fiscal_period and judged.customer_id = products.customer_id
