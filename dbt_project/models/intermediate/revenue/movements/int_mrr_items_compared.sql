-- What each item brought at the two ends of a period. Both are placed by the mappings of its last day, so nothing but
-- the contract makes a difference. Items of a contract that came while others went were exchanged, and so was an item
-- that is of another product then.
with periods as (
    select fiscal_period from {{ ref('int_revenue_periods_ranged') }} where prior_fiscal_period is not null
),

shares as (
    select
        held.fiscal_period, held.logo_id, held.subscription_id, held.subscription_item_id, held.product_key,
        held.customer_id, held.product_id, held.segment, held.market, held.currency,
        {% for sample_kind in ['opening', 'closing'] %}{% for figure in ['quantity', 'monthly_numerator',
            'monthly_denominator'] %}
        max(
            case when held.sample_kind = '{{ sample_kind }}' then held.{{ figure }} end
        ) as {{ sample_kind }}_{{ figure }},
        {% endfor %}
        cast(
            sum(case when held.sample_kind = '{{ sample_kind }}' then held.mrr_minor else 0 end) as bigint
        ) as {{ sample_kind }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from {{ active_items() }} as held
    inner join periods on held.fiscal_period = periods.fiscal_period
    where held.sample_kind in ('opening', 'closing')
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),

-- A product may have a share of an item at one end only.
items as (
    select
        fiscal_period, logo_id, subscription_id, subscription_item_id, product_key, customer_id, product_id, segment,
        market, currency, opening_minor, closing_minor,
        {% for sample_kind in ['opening', 'closing'] %}{% for figure in ['quantity', 'monthly_numerator',
            'monthly_denominator'] %}
        max(
            {{ sample_kind }}_{{ figure }}
        ) over item as {{ sample_kind }}_{{ figure }}{{ ',' if not (loop.last and sample_kind == 'closing') }}
        {% endfor %}{% endfor %}
    from shares
    window item as (partition by fiscal_period, subscription_id, subscription_item_id, product_key)
),

counted as (
    select
        *,
        max(case when opening_quantity is null then 1 else 0 end) over contract as comes,
        max(case when closing_quantity is null then 1 else 0 end) over contract as goes,
        {{ reduced('quantity', trillionths('closing_quantity'), trillionths('opening_quantity')) }}
    from items
    window contract as (partition by fiscal_period, subscription_id)
)

select
    fiscal_period, logo_id, subscription_id, subscription_item_id, product_key, customer_id, product_id, segment,
    market, currency,
    case
        when opening_quantity is not null and closing_quantity is not null then 'stays'
        when comes = 1 and goes = 1 then 'exchanged'
        when opening_quantity is null then 'comes'
        else 'goes'
    end as fate,
    opening_minor,
    closing_minor,
    opening_quantity,
    closing_quantity,
    -- By the unit, as exact fractions.
    opening_monthly_numerator * closing_monthly_denominator * quantity_numerator
    = closing_monthly_numerator * opening_monthly_denominator * quantity_denominator as is_same_price
from counted
