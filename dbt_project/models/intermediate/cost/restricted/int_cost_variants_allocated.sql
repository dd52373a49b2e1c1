-- What each product's cost at standard would be under every admissible combination of rules, as the difference from the
-- rules that hold: a model of effort for people, one driver for all shared products, one for overhead; '' is the rule
-- itself. The lines are those that are published, the totals of all of them stay, and so does the remainder: only
-- which product bears them moves. Period sums and not postings, so that all combinations cost what one costs posting by
-- posting.
with recursive int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),
int_people_efforts_weighed as (select * from {{ ref('int_people_efforts_weighed') }}),
int_pay_shapes_measured as (select * from {{ ref('int_pay_shapes_measured') }}),
int_product_drivers_measured as (select * from {{ ref('int_product_drivers_measured') }}),
int_standard_parts_placed as (select * from {{ ref('int_standard_parts_placed') }}),

models as (
    select distinct effort_model, case when effort_model = 'declared' then '' else effort_model end as effort_choice
    from int_people_efforts_weighed
    union
    select 'declared', ''
),

lines as (
    select models.effort_choice, parts.*, weights.product_id, weights.weight
    from (
        select gl_line_id, fiscal_period, account_function, sum(amount_minor) as amount_minor
        from int_standard_parts_placed
        where rule_id = 'people'
        group by gl_line_id, fiscal_period, account_function
    ) as parts
    cross join models
    inner join int_people_efforts_weighed as weights
        on models.effort_model = weights.effort_model and parts.fiscal_period = weights.fiscal_period
        and parts.account_function = weights.function_name
),

people as (
    {{ shared_out('lines', ['effort_choice', 'gl_line_id'], ['product_id'], 'amount_minor', 'weight') }}
),

placed as (
    select effort_choice, fiscal_period, product_id, cast(sum(amount_minor) as bigint) as cost_minor
    from (
        select effort_choice, fiscal_period, product_id, shared_minor as amount_minor from people
        union all
        select models.effort_choice, parts.fiscal_period, parts.product_id, parts.amount_minor
        from int_standard_parts_placed as parts
        cross join models
        where parts.rule_id <> 'people'
    ) as parts
    group by effort_choice, fiscal_period, product_id
),

choices as (
    select
        models.effort_choice || '/' || drivers.shared_choice as scenario_id, models.effort_choice,
        drivers.shared_choice, nullif(drivers.shared_choice, '') as shared_driver
    from models
    cross join (
        select '' as shared_choice
        {% for driver in ['events', 'active_users', 'revenue', 'cost', 'equal'] %}
        union all
        select '{{ driver }}'
        {% endfor %}
    ) as drivers
),

costs as (
    select choices.scenario_id, choices.effort_choice, choices.shared_choice, placed.fiscal_period, placed.product_id,
        placed.cost_minor
    from choices
    inner join placed on choices.effort_choice = placed.effort_choice
),

{{ shared_products_eliminated('costs', 'choices') }},

arriving as (
    select costs.*, passed_on.product_id as end_id, passed_on.share_trillionths
    from costs
    inner join passed_on
        on costs.scenario_id = passed_on.scenario_id and costs.fiscal_period = passed_on.fiscal_period
        and costs.product_id = passed_on.pool_id
),

arrived as (
    {{ shared_out(
        'arriving', ['scenario_id', 'fiscal_period', 'product_id'], ['end_id'], 'cost_minor', 'share_trillionths'
    ) }}
),

before_overhead as (
    select scenario_id, effort_choice, shared_choice, fiscal_period, product_id, sum(cost_minor) as cost_minor
    from (
        select costs.*
        from costs
        left join (select distinct fiscal_period, product_id from pools) as shared
            on costs.fiscal_period = shared.fiscal_period and costs.product_id = shared.product_id
        where shared.product_id is null
        union all
        select scenario_id, effort_choice, shared_choice, fiscal_period, end_id, shared_minor from arrived
    ) as parts
    group by scenario_id, effort_choice, shared_choice, fiscal_period, product_id
),

bearable as (
    select fiscal_period, driver_id, product_id, weight from int_product_drivers_measured
    union all
    select fiscal_period, 'fte', product_id, fte_weight from int_pay_shapes_measured where pay_scope = 'EVERYBODY'
),

-- What shared products and nobody have is no measure of those who bear; a driver of which they have none says nothing.
measured as (
    select bearable.*
    from bearable
    left join (select distinct fiscal_period, product_id from pools) as shared
        on bearable.fiscal_period = shared.fiscal_period and bearable.product_id = shared.product_id
    where bearable.weight > 0 and shared.product_id is null
        and bearable.product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
),

variants as (
    select
        choices.scenario_id, choices.effort_choice, choices.shared_choice, overheads.overhead_choice,
        periods.fiscal_period,
        case when overheads.overhead_choice = '' then periods.overhead_driver else overheads.overhead_choice end
            as driver_id
    from int_allocation_rules_resolved as periods
    cross join choices
    cross join (
        select '' as overhead_choice
        {% for driver in ['cost', 'revenue', 'fte', 'equal'] %}
        union all
        select '{{ driver }}'
        {% endfor %}
    ) as overheads
    where
        {% for choice in ['choices.shared_choice', 'overheads.overhead_choice'] %}
        ({{ choice }} in ('', 'cost') or exists (
            select 1 from measured
            where measured.fiscal_period = periods.fiscal_period and measured.driver_id = {{ choice }}
        ))
        {{ 'and' if not loop.last }}
        {% endfor %}
),

bearers as (
    select
        variants.scenario_id, variants.overhead_choice, variants.fiscal_period, measured.product_id, measured.weight
    from variants
    inner join measured
        on variants.fiscal_period = measured.fiscal_period and variants.driver_id = measured.driver_id
    union all
    select
        variants.scenario_id, variants.overhead_choice, variants.fiscal_period, products.product_id,
        products.cost_minor
    from variants
    inner join before_overhead as products
        on variants.scenario_id = products.scenario_id and variants.fiscal_period = products.fiscal_period
        and variants.driver_id = 'cost' and products.cost_minor > 0
        and products.product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
),

overhead as (
    select
        variants.*, waiting.cost_minor, coalesce(bearers.product_id, 'UNALLOCATED') as product_id,
        coalesce(bearers.weight, 1) as weight
    from variants
    inner join before_overhead as waiting
        on variants.scenario_id = waiting.scenario_id and variants.fiscal_period = waiting.fiscal_period
        and waiting.product_id = 'OVERHEAD'
    left join bearers
        on variants.scenario_id = bearers.scenario_id and variants.overhead_choice = bearers.overhead_choice
        and variants.fiscal_period = bearers.fiscal_period
),

borne as (
    {{ shared_out('overhead', ['scenario_id', 'overhead_choice', 'fiscal_period'], ['product_id'], 'cost_minor',
        'weight') }}
),

allocated as (
    select
        variants.effort_choice, variants.shared_choice, variants.overhead_choice, variants.fiscal_period,
        products.product_id, products.cost_minor
    from variants
    inner join before_overhead as products
        on variants.scenario_id = products.scenario_id and variants.fiscal_period = products.fiscal_period
        and products.product_id <> 'OVERHEAD'
    union all
    select effort_choice, shared_choice, overhead_choice, fiscal_period, product_id, shared_minor from borne
),

-- Of the rules as they are, once for each variant, to be taken off.
ruled as (
    select
        variants.effort_choice, variants.shared_choice, variants.overhead_choice, variants.fiscal_period,
        allocated.product_id, allocated.cost_minor
    from allocated
    inner join variants on allocated.fiscal_period = variants.fiscal_period
    where allocated.effort_choice = '' and allocated.shared_choice = '' and allocated.overhead_choice = ''
)

select
    fiscal_period,
    effort_choice,
    shared_choice,
    overhead_choice,
    product_id,
    cast(sum(cost_minor) as bigint) as cost_minor,
    cast(sum(cost_minor - ruled_minor) as bigint) as moved_minor
from (
    select fiscal_period, effort_choice, shared_choice, overhead_choice, product_id, cost_minor, 0 as ruled_minor
    from allocated
    union all
    select fiscal_period, effort_choice, shared_choice, overhead_choice, product_id, 0, cost_minor from ruled
) as sides
group by 1, 2, 3, 4, 5
having sum(cost_minor - ruled_minor) <> 0
