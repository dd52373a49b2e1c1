-- All stages of every posting. What a shared product has leaves it as a negative amount and arrives once, where it ends
-- up; overhead goes by its driver to the products that are not shared. Each scenario by itself.
with int_cost_parts_united as {{ inlined() }} (select * from {{ ref('int_cost_parts_united') }}),
int_shared_products_eliminated as {{ inlined() }} (select * from {{ ref('int_shared_products_eliminated') }}),
int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),
int_product_drivers_measured as (select * from {{ ref('int_product_drivers_measured') }}),
int_pay_shapes_measured as (select * from {{ ref('int_pay_shapes_measured') }}),

pools as (
    select distinct scenario_id, fiscal_period, pool_id, driver_id from int_shared_products_eliminated
),

-- Numbers in place of names where rows are many: ten million are shared out in half the time.
leaving as (
    select
        parts.scenario_id, parts.gl_line_id, parts.fiscal_period, parts.rule_id, pools.driver_id, pools.pool_id,
        parts.amount_minor,
        row_number() over (order by parts.scenario_id, parts.gl_line_id, pools.pool_id) as leaving_number,
        dense_rank() over (order by parts.scenario_id, parts.gl_line_id, pools.driver_id) as arriving_number
    from int_cost_parts_united as parts
    inner join pools
        on parts.scenario_id = pools.scenario_id and parts.fiscal_period = pools.fiscal_period
        and parts.product_id = pools.pool_id
),

arriving as (
    select
        leaving.leaving_number, leaving.arriving_number, leaving.amount_minor, shares.product_id,
        shares.share_trillionths
    from leaving
    inner join int_shared_products_eliminated as shares
        on leaving.scenario_id = shares.scenario_id and leaving.fiscal_period = shares.fiscal_period
        and leaving.pool_id = shares.pool_id
),

arrived as (
    select arriving_number, product_id, cast(sum(shared_minor) as bigint) as amount_minor
    from (
        {{ shared_out('arriving', ['leaving_number'], ['product_id'], 'amount_minor', 'share_trillionths') }}
    ) as shared
    group by arriving_number, product_id
),

-- Only what arrives may come to a product more than once.
before_overhead as (
    select scenario_id, gl_line_id, fiscal_period, stage, product_id, rule_id, driver_id, amount_minor
    from int_cost_parts_united
    where product_id <> 'OVERHEAD'
    union all
    select scenario_id, gl_line_id, fiscal_period, 'shared', pool_id, rule_id, driver_id, -amount_minor from leaving
    union all
    select
        ends.scenario_id, ends.gl_line_id, ends.fiscal_period, 'shared', arrived.product_id, ends.rule_id,
        ends.driver_id, arrived.amount_minor
    from arrived
    inner join (
        select distinct arriving_number, scenario_id, gl_line_id, fiscal_period, rule_id, driver_id from leaving
    ) as ends
        on arrived.arriving_number = ends.arriving_number
),

drivers as (
    select scenarios.scenario_id, measured.fiscal_period, measured.driver_id, measured.product_id, measured.weight
    from (
        select fiscal_period, driver_id, product_id, weight from int_product_drivers_measured
        union all
        select fiscal_period, 'fte', product_id, fte_weight from int_pay_shapes_measured where pay_scope = 'EVERYBODY'
    ) as measured
    cross join (select distinct scenario_id from int_cost_parts_united) as scenarios
    union all
    select scenario_id, fiscal_period, 'cost', product_id, cast(sum(amount_minor) as bigint)
    from before_overhead
    group by scenario_id, fiscal_period, product_id
),

waiting as (
    select
        parts.scenario_id, parts.gl_line_id, parts.fiscal_period, parts.rule_id, parts.amount_minor,
        rules.overhead_driver as driver_id,
        row_number() over (order by parts.scenario_id, parts.gl_line_id, parts.rule_id) as line_number
    from int_cost_parts_united as parts
    inner join int_allocation_rules_resolved as rules on parts.fiscal_period = rules.fiscal_period
    where parts.product_id = 'OVERHEAD'
),

-- Without any product to bear it overhead stays nobody's.
overhead as (
    select
        waiting.line_number, waiting.amount_minor, coalesce(bearers.product_id, 'UNALLOCATED') as product_id,
        coalesce(bearers.weight, 1) as weight
    from waiting
    left join (
        select drivers.*
        from drivers
        left join pools
            on drivers.scenario_id = pools.scenario_id and drivers.fiscal_period = pools.fiscal_period
            and drivers.product_id = pools.pool_id
        where drivers.weight > 0 and pools.pool_id is null
            and drivers.product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
    ) as bearers
        on waiting.scenario_id = bearers.scenario_id and waiting.fiscal_period = bearers.fiscal_period
        and waiting.driver_id = bearers.driver_id
),

borne as (
    {{ shared_out('overhead', ['line_number'], ['product_id'], 'amount_minor', 'weight') }}
),

parts as (
    select scenario_id, gl_line_id, stage, product_id, rule_id, driver_id, amount_minor from before_overhead
    union all
    select
        waiting.scenario_id, waiting.gl_line_id, 'overhead', borne.product_id, waiting.rule_id, waiting.driver_id,
        borne.shared_minor
    from borne
    inner join waiting on borne.line_number = waiting.line_number
),

lines as (
    select distinct
        scenario_id, gl_line_id, fiscal_period, posting_date, account_id, statement_group, cost_type,
        account_function, currency, rules_version
    from int_cost_parts_united
)

select
    parts.scenario_id,
    lines.fiscal_period,
    parts.gl_line_id,
    lines.posting_date,
    lines.account_id,
    lines.statement_group,
    lines.cost_type,
    lines.account_function,
    parts.stage,
    parts.product_id,
    parts.amount_minor,
    lines.currency,
    parts.rule_id,
    parts.driver_id,
    lines.rules_version
from parts
inner join lines on parts.scenario_id = lines.scenario_id and parts.gl_line_id = lines.gl_line_id
where parts.amount_minor <> 0
