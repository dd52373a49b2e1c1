-- What is published of a period is held to the ledger by tests of its own.
{% set means %}
Red: another choice of rules makes or loses cost, so that the range of cost of a product compares different totals.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'int_cost_variants_allocated'}}, 'description': means}) }}
with published as (
    select fiscal_period, sum(amount_minor) as cost_minor
    from {{ ref('int_product_costs_summed') }}
    group by fiscal_period
),

variants as (
    select fiscal_period, effort_choice, shared_choice, overhead_choice, sum(cost_minor) as cost_minor
    from {{ ref('int_cost_variants_allocated') }}
    group by fiscal_period, effort_choice, shared_choice, overhead_choice
)

select variants.*, published.cost_minor as published_minor
from variants
left join published on variants.fiscal_period = published.fiscal_period
where variants.cost_minor is distinct from published.cost_minor
