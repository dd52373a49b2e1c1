-- Movements of a cell are taken one after the other, and each is the difference of two rounded balances. The first is
-- fx: what the opening balance gained by another rate, and what changed its currency; all others are at the period's
-- rates. So opening + movements + fx = closing on every slice, to the minor unit.
{% set cell = 'fiscal_period, customer_id, product_id, segment, market, currency' %}
with fct_mrr_balance as (select * from {{ ref('fct_mrr_balance') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
int_mrr_movements_summed as (select * from {{ ref('int_mrr_movements_summed') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

openings as (
    select
        periods.fiscal_period, balances.customer_id, balances.product_id, balances.segment, balances.market,
        balances.currency,
        balances.logo_id, balances.mrr_minor, balances.mrr_plan_minor, balances.mrr_actual_minor
    from fct_mrr_balance as balances
    inner join int_revenue_periods_ranged as periods
        on balances.fiscal_period = periods.prior_fiscal_period
),

movements as (
    select
        {{ cell }}, 'fx' as company_type, 'fx' as product_type, false as is_intra_period, false as is_involuntary,
        0 as delta_minor
    from openings
    union all
    select {{ cell }}, company_type, product_type, is_intra_period, is_involuntary, delta_minor
    from int_mrr_movements_summed
),

-- One fx of each cell.
kinds as (
    select
        {{ cell }}, company_type, product_type, is_intra_period, is_involuntary, sum(delta_minor) as delta_minor
    from movements
    group by {{ cell }}, company_type, product_type, is_intra_period, is_involuntary,
        company_type <> 'fx' and delta_minor > 0
),

placed as (
    select
        *,
        row_number() over (
            partition by {{ cell }}
            order by is_intra_period, {{ movement_rank('company_type') }}, {{ movement_rank('product_type') }},
                is_involuntary, delta_minor
        ) as place
    from kinds
),

reached as (
    select
        placed.*,
        openings.logo_id as opening_logo_id,
        openings.mrr_plan_minor as opening_plan_minor,
        openings.mrr_actual_minor as opening_actual_minor,
        coalesce(openings.mrr_minor, 0) + sum(placed.delta_minor) over (
            partition by placed.fiscal_period, placed.customer_id, placed.product_id, placed.segment, placed.market,
                placed.currency
            order by placed.place rows between unbounded preceding and current row
        ) as balance_minor
    from placed
    left join openings on placed.fiscal_period = openings.fiscal_period and {{ same_cell('placed', 'openings') }}
),

rounded as (
    select
        reached.*,
        {{ half_even('reached.balance_minor * rates.plan_numerator', 'rates.plan_denominator') }} as balance_plan_minor,
        {{ half_even('reached.balance_minor * rates.actual_numerator',
            'rates.actual_denominator') }} as balance_actual_minor
    from reached
    left join int_revenue_rates_resolved as rates
        on reached.fiscal_period = rates.fiscal_period and reached.currency = rates.currency
),

deltas as (
    select
        *,
        {% for rate in ['plan', 'actual'] %}
        balance_{{ rate }}_minor
        - case
            when place = 1 then coalesce(opening_{{ rate }}_minor, 0)
            else lag(balance_{{ rate }}_minor) over (partition by {{ cell }} order by place)
        end
            as delta_{{ rate }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from rounded
),

logos as (
    select distinct periods.fiscal_period, accounts.customer_id, accounts.logo_id
    from int_billing_accounts_resolved as accounts
    inner join int_revenue_periods_ranged as periods on accounts.mapping_date = periods.as_of_date
    -- Not in the join below, where DuckDB would compare every pair for it.
    where accounts.customer_id <> 'UNMAPPED'
)

select
    deltas.fiscal_period,
    deltas.customer_id,
    deltas.product_id,
    deltas.segment,
    deltas.market,
    deltas.currency,
    deltas.company_type,
    deltas.product_type,
    deltas.is_intra_period,
    deltas.is_involuntary,
    -- A customer whose last account went to another one is in no logo of the day: that of the last balance.
    coalesce(logos.logo_id, deltas.opening_logo_id, 'UNMAPPED') as logo_id,
    cast(deltas.delta_minor as bigint) as delta_minor,
    deltas.delta_plan_minor,
    deltas.delta_actual_minor,
    policy.reporting_currency
from deltas
cross join int_policies_read as policy
left join logos on deltas.fiscal_period = logos.fiscal_period and deltas.customer_id = logos.customer_id
where not coalesce(deltas.delta_minor = 0 and deltas.delta_plan_minor = 0 and deltas.delta_actual_minor = 0, false)
