-- Movements of a cell are taken one after the other, each the difference of two rounded balances at the period's rates; fx is what the opening balance gained
-- by another rate. So opening + movements + fx = closing on every slice, to the coin.
with openings as (
    select
        periods.fiscal_period, balances.customer_id, balances.product_id, balances.segment, balances.market, balances.currency,
        balances.logo_id, balances.mrr_minor, balances.mrr_plan_minor, balances.mrr_actual_minor
    from {{ ref('fct_mrr_balance') }} as balances
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on balances.fiscal_period = periods.prior_fiscal_period
),

moved as (
    select
        movements.*,
        openings.logo_id as opening_logo_id,
        coalesce(openings.mrr_minor, 0) + sum(movements.delta_minor) over (
            partition by movements.fiscal_period, movements.customer_id, movements.product_id, movements.segment, movements.market, movements.currency
            order by
                movements.is_intra_period,
                {{ movement_rank('movements.company_type') }},
                {{ movement_rank('movements.product_type') }},
                movements.is_involuntary,
                movements.delta_minor
            rows between unbounded preceding and current row
        ) as after_minor
    from {{ ref('int_mrr_movements_summed') }} as movements
    left join openings on movements.fiscal_period = openings.fiscal_period and {{ same_cell('movements', 'openings') }}
),

told as (
    select
        moved.fiscal_period, moved.customer_id, moved.product_id, moved.segment, moved.market, moved.currency, moved.opening_logo_id,
        moved.company_type, moved.product_type, moved.is_intra_period, moved.is_involuntary, moved.delta_minor,
        {% for rate in ['plan', 'actual'] %}
        {{ half_even('moved.after_minor * rates.' ~ rate ~ '_numerator', 'rates.' ~ rate ~ '_denominator') }}
        - {{ half_even('(moved.after_minor - moved.delta_minor) * rates.' ~ rate ~ '_numerator', 'rates.' ~ rate ~ '_denominator') }} as delta_{{ rate }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from moved
    left join {{ ref('int_revenue_rates_resolved') }} as rates on moved.fiscal_period = rates.fiscal_period and moved.currency = rates.currency
    union all
    select
        openings.fiscal_period, openings.customer_id, openings.product_id, openings.segment, openings.market, openings.currency, openings.logo_id,
        'fx', 'fx', false, false, 0,
        {% for rate in ['plan', 'actual'] %}
        {{ half_even('openings.mrr_minor * rates.' ~ rate ~ '_numerator', 'rates.' ~ rate ~ '_denominator') }} - openings.mrr_{{ rate }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from openings
    left join {{ ref('int_revenue_rates_resolved') }} as rates on openings.fiscal_period = rates.fiscal_period and openings.currency = rates.currency
),

logos as (
    select distinct periods.fiscal_period, accounts.customer_id, accounts.logo_id
    from {{ ref('int_billing_accounts_resolved') }} as accounts
    inner join {{ ref('int_revenue_periods_ranged') }} as periods on accounts.mapping_date = periods.as_of_date
    -- Not in the join below, where DuckDB would compare every pair for it.
    where accounts.customer_id <> 'UNMAPPED'
)

select
    told.fiscal_period,
    told.customer_id,
    told.product_id,
    told.segment,
    told.market,
    told.currency,
    told.company_type,
    told.product_type,
    told.is_intra_period,
    told.is_involuntary,
    -- A customer whose last account went to another one is in no logo of the day: that of the last balance.
    coalesce(logos.logo_id, told.opening_logo_id, 'UNMAPPED') as logo_id,
    cast(told.delta_minor as bigint) as delta_minor,
    told.delta_plan_minor,
    told.delta_actual_minor,
    policy.reporting_currency
from told
cross join {{ ref('int_revenue_policies_read') }} as policy
left join logos on told.fiscal_period = logos.fiscal_period and told.customer_id = logos.customer_id
where told.company_type <> 'fx' or told.delta_plan_minor <> 0 or told.delta_actual_minor <> 0
