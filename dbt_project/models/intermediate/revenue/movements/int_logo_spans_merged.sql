-- When a logo had anything of what it came to, lost or was without in a period: over all of its contracts, however
-- often one follows another without a gap. Who belongs to the logo, and what belongs to the product, is asked on the
-- period's last day.
with int_logo_scopes_sampled as (select * from {{ ref('int_logo_scopes_sampled') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_billing_products_resolved as (select * from {{ ref('int_billing_products_resolved') }}),

asked as (
    select scopes.fiscal_period, scopes.logo_id, scopes.scope_id, periods.as_of_date
    from int_logo_scopes_sampled as scopes
    inner join int_revenue_periods_ranged as periods on scopes.fiscal_period = periods.fiscal_period
    where not scopes.is_in_opening or not scopes.is_in_closing or scopes.is_ever_without
),

spans as (
    select asked.fiscal_period, asked.logo_id, asked.scope_id, intervals.valid_from, intervals.valid_to
    from asked
    inner join int_billing_accounts_resolved as accounts
        on asked.logo_id = accounts.logo_id and asked.as_of_date = accounts.mapping_date
    inner join fct_subscription_interval as intervals on accounts.customer_key = intervals.customer_key
    left join int_billing_products_resolved as products
        on asked.as_of_date = products.mapping_date and intervals.product_key = products.product_key
        and asked.scope_id = products.product_id
    where asked.scope_id = 'COMPANY' or products.product_id is not null
),

marked as (
    select
        *,
        case when valid_from <= max(valid_to) over (
            partition by fiscal_period, logo_id, scope_id
            order by valid_from, valid_to
            rows between unbounded preceding and 1 preceding
        ) then 0 else 1 end as is_new
    from spans
),

numbered as (
    select
        *,
        sum(is_new) over (
            partition by fiscal_period, logo_id, scope_id
            order by valid_from, valid_to
            rows between unbounded preceding and current row
        ) as span_number
    from marked
)

select fiscal_period, logo_id, scope_id, span_number, min(valid_from) as valid_from, max(valid_to) as valid_to
from numbered
group by fiscal_period, logo_id, scope_id, span_number
