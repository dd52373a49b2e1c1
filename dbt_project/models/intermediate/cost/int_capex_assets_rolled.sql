-- What would stand on the balance sheet of an epic under each regime, period by period: opening, what is added,
-- amortised and written off, closing. It is amortised in equal parts from the period in which it is ready for use, that
-- one whole, over as many periods as policy.yml says months, each to the nearest minor unit of what is due by then. What
-- is given up is written off in that period, whole, and not amortised in it.
with int_capex_windows_resolved as (select * from {{ ref('int_capex_windows_resolved') }}),
int_epic_costs_shared as (select * from {{ ref('int_epic_costs_shared') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

periods as (
    select fiscal_period, last_date, row_number() over (order by first_date) as place from int_fiscal_periods_begun
),

additions as (
    {% for regime in ['asc350_40_stage', 'asu_2025_06', 'ias38'] %}
    select
        '{{ regime }}' as regime, periods.place, costs.product_id, costs.epic_id, costs.currency,
        sum(costs.amount_minor) as amount_minor
    from int_epic_costs_shared as costs
    inner join periods on costs.fiscal_period = periods.fiscal_period
    where costs.effort_model = 'equal_active_day' and costs.{{ regime }} = 'capitalised'
    group by periods.place, costs.product_id, costs.epic_id, costs.currency
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

turns as (
    select
        windows.epic_id, windows.regime,
        min(case when periods.last_date >= windows.ready_for_use_date then periods.place end) as ready_place,
        min(case when periods.last_date >= windows.abandoned_date then periods.place end) as abandoned_place
    from int_capex_windows_resolved as windows
    cross join periods
    group by windows.epic_id, windows.regime
),

assets as (
    select
        additions.regime, additions.product_id, additions.epic_id, additions.currency, turns.ready_place,
        turns.abandoned_place, min(additions.place) as first_place
    from additions
    inner join turns on additions.epic_id = turns.epic_id and additions.regime = turns.regime
    group by 1, 2, 3, 4, 5, 6
),

-- Every period from the first addition on.
spread as (
    select
        assets.*, periods.fiscal_period, periods.place, policy.capex_life_months as life,
        coalesce(additions.amount_minor, 0) as addition,
        sum(coalesce(additions.amount_minor, 0)) over (
            partition by assets.regime, assets.product_id, assets.epic_id order by periods.place
        ) as added,
        coalesce(least(greatest(periods.place - assets.ready_place + 1, 0), policy.capex_life_months), 0) as months,
        coalesce(periods.place >= assets.abandoned_place, false) as is_abandoned
    from assets
    inner join periods on assets.first_place <= periods.place
    cross join int_policies_read as policy
    left join additions
        on assets.regime = additions.regime and assets.product_id = additions.product_id
        and assets.epic_id = additions.epic_id and periods.place = additions.place
),

closed as (
    select
        *,
        case when is_abandoned then 0 else added - {{ half_even('added * months', 'life') }} end as closing
    from spread
),

rolled as (
    select
        *,
        coalesce(lag(closing) over (partition by regime, product_id, epic_id order by place), 0) as opening
    from closed
)

select
    regime,
    fiscal_period,
    product_id,
    epic_id,
    cast(opening as bigint) as opening_minor,
    cast(addition as bigint) as capitalised_minor,
    cast(case when is_abandoned then 0 else opening + addition - closing end as bigint) as amortisation_minor,
    cast(case when is_abandoned then opening + addition else 0 end as bigint) as impairment_minor,
    cast(closing as bigint) as closing_minor,
    currency
from rolled
where opening <> 0 or addition <> 0
