-- What each product costs at standard under every admissible combination of rules: a model of effort for people, one
-- driver for all shared products, one for overhead; '' is the rule as it is. The lines are those that are published, and
-- so are their totals and the remainder: only which product bears them moves. By sums of a period and not by posting, so
-- that all combinations cost little.
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
    select scenario_id, fiscal_period, product_id, cast(sum(amount_minor) as bigint) as cost_minor
    from (
        select effort_choice as scenario_id, fiscal_period, product_id, shared_minor as amount_minor from people
        union all
        select models.effort_choice, parts.fiscal_period, parts.product_id, parts.amount_minor
        from int_standard_parts_placed as parts
        cross join models
        where parts.rule_id <> 'people'
    ) as parts
    group by scenario_id, fiscal_period, product_id
),

{{ shared_products_eliminated('placed') }},

shared_products as (
    select distinct fiscal_period, product_id from pools
),

-- What shared products and nobody have is no measure of those who bear; a driver of which they have none says nothing.
measured as (
    select bearable.*
    from (
        select fiscal_period, driver_id, product_id, weight from int_product_drivers_measured
        union all
        select fiscal_period, 'fte', product_id, fte_weight from int_pay_shapes_measured where pay_scope = 'EVERYBODY'
    ) as bearable
    left join shared_products as shared
        on bearable.fiscal_period = shared.fiscal_period and bearable.product_id = shared.product_id
    where bearable.weight > 0 and shared.product_id is null
        and bearable.product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
),

placed_products as (
    select placed.*, shared.product_id is not null as is_shared
    from placed
    left join shared_products as shared
        on placed.fiscal_period = shared.fiscal_period and placed.product_id = shared.product_id
),

used as (
    select models.effort_choice, measured.fiscal_period, measured.driver_id, measured.product_id, measured.weight
    from measured
    cross join models
    union all
    select scenario_id, fiscal_period, 'cost', product_id, cost_minor
    from placed_products
    where cost_minor > 0 and not is_shared and product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
),

shares as (
    select *, sum({{ whole('weight') }}) over (partition by effort_choice, fiscal_period, driver_id) as whole_weight
    from used
),

drivers_of_all as (
    {% for driver in ['events', 'active_users', 'revenue', 'cost', 'equal'] %}
    select '{{ driver }}' as shared_choice
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Where all shared products go on by one driver, each ends up in proportion to it, whoever goes first and whatever they
-- serve each other: nothing is to be eliminated.
arriving as (
    select
        shared.scenario_id as effort_choice, '' as shared_choice, shared.fiscal_period, shared.product_id as pool_id,
        shared.cost_minor, passed_on.product_id, passed_on.share_trillionths
    from placed_products as shared
    inner join passed_on
        on shared.scenario_id = passed_on.scenario_id and shared.fiscal_period = passed_on.fiscal_period
        and shared.product_id = passed_on.pool_id
    union all
    select
        shared.scenario_id, drivers_of_all.shared_choice, shared.fiscal_period, shared.product_id, shared.cost_minor,
        coalesce(shares.product_id, 'UNALLOCATED'),
        coalesce({{ half_even('shares.weight * ' ~ whole(trillion()), 'shares.whole_weight') }}, {{ trillion() }})
    from placed_products as shared
    cross join drivers_of_all
    left join shares
        on shared.scenario_id = shares.effort_choice and shared.fiscal_period = shares.fiscal_period
        and drivers_of_all.shared_choice = shares.driver_id
    where shared.is_shared
),

arrived as (
    {{ shared_out(
        'arriving', ['effort_choice', 'shared_choice', 'fiscal_period', 'pool_id'], ['product_id'], 'cost_minor',
        'share_trillionths'
    ) }}
),

before_overhead as (
    select effort_choice, shared_choice, fiscal_period, product_id, sum(cost_minor) as cost_minor
    from (
        select
            placed.scenario_id as effort_choice, choices.shared_choice, placed.fiscal_period, placed.product_id,
            placed.cost_minor
        from placed_products as placed
        cross join (select '' as shared_choice union all select shared_choice from drivers_of_all) as choices
        where not placed.is_shared
        union all
        select effort_choice, shared_choice, fiscal_period, product_id, shared_minor from arrived
    ) as parts
    group by effort_choice, shared_choice, fiscal_period, product_id
),

variants as (
    select
        models.effort_choice, choices.shared_choice, overheads.overhead_choice, periods.fiscal_period,
        case when overheads.overhead_choice = '' then periods.overhead_driver else overheads.overhead_choice end
            as driver_id
    from int_allocation_rules_resolved as periods
    cross join models
    cross join (select '' as shared_choice union all select shared_choice from drivers_of_all) as choices
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
        variants.effort_choice, variants.shared_choice, variants.overhead_choice, variants.fiscal_period,
        measured.product_id, measured.weight
    from variants
    inner join measured
        on variants.fiscal_period = measured.fiscal_period and variants.driver_id = measured.driver_id
    union all
    select
        variants.effort_choice, variants.shared_choice, variants.overhead_choice, variants.fiscal_period,
        products.product_id, products.cost_minor
    from variants
    inner join before_overhead as products
        on variants.effort_choice = products.effort_choice and variants.shared_choice = products.shared_choice
        and variants.fiscal_period = products.fiscal_period
        and variants.driver_id = 'cost' and products.cost_minor > 0
        and products.product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
),

overhead as (
    select
        variants.*, waiting.cost_minor, coalesce(bearers.product_id, 'UNALLOCATED') as product_id,
        coalesce(bearers.weight, 1) as weight
    from variants
    inner join before_overhead as waiting
        on variants.effort_choice = waiting.effort_choice and variants.shared_choice = waiting.shared_choice
        and variants.fiscal_period = waiting.fiscal_period
        and waiting.product_id = 'OVERHEAD'
    left join bearers
        on variants.effort_choice = bearers.effort_choice and variants.shared_choice = bearers.shared_choice
        and variants.overhead_choice = bearers.overhead_choice and variants.fiscal_period = bearers.fiscal_period
),

borne as (
    {{ shared_out(
        'overhead', ['effort_choice', 'shared_choice', 'overhead_choice', 'fiscal_period'], ['product_id'],
        'cost_minor', 'weight'
    ) }}
),

allocated as (
    select
        variants.effort_choice, variants.shared_choice, variants.overhead_choice, variants.fiscal_period,
        products.product_id, products.cost_minor
    from variants
    inner join before_overhead as products
        on variants.effort_choice = products.effort_choice and variants.shared_choice = products.shared_choice
        and variants.fiscal_period = products.fiscal_period
        and products.product_id <> 'OVERHEAD'
    union all
    select effort_choice, shared_choice, overhead_choice, fiscal_period, product_id, shared_minor from borne
)

select
    fiscal_period,
    effort_choice,
    shared_choice,
    overhead_choice,
    product_id,
    cast(sum(cost_minor) as bigint) as cost_minor
from allocated
group by 1, 2, 3, 4, 5
having sum(cost_minor) <> 0
