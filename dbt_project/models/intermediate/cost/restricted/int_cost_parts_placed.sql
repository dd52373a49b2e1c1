-- Stages direct and team: each posting by its class, its contractor's team, the teams that use a tool, its people's
-- pay, or not yet at all. What serves the whole company waits under OVERHEAD for what products cost.
with int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
int_class_products_resolved as (select * from {{ ref('int_class_products_resolved') }}),
int_allocation_rules_resolved as {{ inlined() }} (select * from {{ ref('int_allocation_rules_resolved') }}),
int_pay_shapes_measured as (select * from {{ ref('int_pay_shapes_measured') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_tool_parts_placed as (select * from {{ ref('int_tool_parts_placed') }}),
dim_worker as (select * from {{ ref('dim_worker') }}),
stg_files__vendor_maps as (select * from {{ ref('stg_files__vendor_maps') }}),

-- An account of payroll that names a function is shaped by its people, any other one by everybody's.
postings as (
    select
        costs.*,
        case
            when costs.cost_type = 'payroll'
                then coalesce(case when rules.payroll_by_function then costs.account_function end, 'EVERYBODY')
        end as pay_scope,
        workers.team_id
    from int_cost_postings_selected as costs
    inner join int_allocation_rules_resolved as rules on costs.fiscal_period = rules.fiscal_period
    left join int_policies_read as policy on policy.contractor_bills_follow_team
    left join stg_files__vendor_maps as vendors
        on policy.contractor_bills_follow_team and costs.cost_type = 'contractor' and costs.class_id is null
        and costs.vendor_id = vendors.vendor_key and {{ valid_on('vendors', 'costs.posting_date') }}
    left join dim_worker as workers
        on vendors.worker_id = workers.worker_id and {{ valid_on('workers', 'costs.posting_date') }}
),

classed as (
    select
        postings.gl_line_id, postings.fiscal_period, postings.pay_scope, postings.amount_minor, products.product_id,
        products.weight_millionths
    from postings
    inner join int_class_products_resolved as products
        on postings.class_id = products.class_id and postings.posting_date = products.posting_date
),

classed_parts as (
    {{ shared_out('classed', ['gl_line_id'], ['product_id'], 'amount_minor', 'weight_millionths') }}
),

-- What classes of payroll have brought a product already; a credit takes nothing from anybody's shape.
brought as (
    select
        fiscal_period, pay_scope, product_id, greatest(sum(shared_minor), 0) as brought_minor,
        sum(greatest(sum(shared_minor), 0)) over (partition by fiscal_period, pay_scope) as all_brought_minor
    from classed_parts
    where pay_scope is not null
    group by fiscal_period, pay_scope, product_id
),

unclassed as (
    select fiscal_period, pay_scope, sum(amount_minor) as unclassed_minor
    from postings
    where pay_scope is not null and class_id is null
    group by fiscal_period, pay_scope
),

left_to_bring as (
    select
        shapes.fiscal_period, shapes.pay_scope, shapes.product_id, shapes.share_trillionths,
        case
            -- What is taken back is so from those who have been brought too much.
            when rules.classed_payroll = 'left_out' then greatest(
                case when unclassed.unclassed_minor < 0 then -1 else 1 end * (
                    {{ whole('coalesce(others.all_brought_minor, 0) + unclassed.unclassed_minor') }}
                        * shapes.share_trillionths
                    - {{ whole('coalesce(own.brought_minor, 0)') }} * {{ trillion() }}
                ),
                0
            )
            else {{ whole('shapes.share_trillionths') }}
        end as left_weight
    from int_pay_shapes_measured as shapes
    inner join int_allocation_rules_resolved as rules on shapes.fiscal_period = rules.fiscal_period
    inner join unclassed
        on shapes.fiscal_period = unclassed.fiscal_period and shapes.pay_scope = unclassed.pay_scope
    left join (select distinct fiscal_period, pay_scope, all_brought_minor from brought) as others
        on shapes.fiscal_period = others.fiscal_period and shapes.pay_scope = others.pay_scope
    left join brought as own
        on shapes.fiscal_period = own.fiscal_period and shapes.pay_scope = own.pay_scope
        and shapes.product_id = own.product_id
    where shapes.share_trillionths > 0
),

-- Where classes have brought everybody's, the shape is all that there is.
pay_weights as (
    select
        fiscal_period, pay_scope, product_id,
        case
            when sum(left_weight) over (partition by fiscal_period, pay_scope) > 0 then left_weight
            else {{ whole('share_trillionths') }}
        end as weight
    from left_to_bring
),

-- Of tools what teams use is their products'; the rest, and what teams use that serve the whole company, waits as any
-- tool does.
tools as (
    select
        parts.gl_line_id,
        case
            when parts.product_id not in ('UNATTRIBUTED', 'OVERHEAD') then parts.product_id
            when parts.product_id = 'OVERHEAD' or postings.is_overhead then 'OVERHEAD'
            else 'UNALLOCATED'
        end as product_id,
        case
            when parts.product_id not in ('UNATTRIBUTED', 'OVERHEAD') then 'tool_team'
            when parts.product_id = 'OVERHEAD' or postings.is_overhead then 'overhead_type'
            else 'no_rule'
        end as rule_id,
        sum(parts.amount_minor) as shared_minor
    from int_tool_parts_placed as parts
    inner join postings on parts.gl_line_id = postings.gl_line_id
    where not parts.is_classed
    group by 1, 2, 3
),

weighed as (
    select
        postings.gl_line_id, postings.amount_minor,
        case when postings.pay_scope is null then 'direct' else 'team' end as stage,
        case
            when postings.pay_scope is not null then 'pay'
            when postings.team_id is not null then 'contractor_team'
            when postings.is_overhead then 'overhead_type'
            else 'no_rule'
        end as rule_id,
        coalesce(postings.pay_scope, postings.team_id) as driver_id,
        coalesce(
            pay.product_id, teams.product_id,
            case when postings.is_overhead and postings.pay_scope is null then 'OVERHEAD' else 'UNALLOCATED' end
        ) as product_id,
        coalesce(pay.weight, {{ whole('coalesce(teams.share_millionths, 1)') }}) as weight
    from postings
    left join pay_weights as pay
        on postings.fiscal_period = pay.fiscal_period and postings.pay_scope = pay.pay_scope
    left join int_team_products_ranged as teams
        on postings.team_id = teams.team_id and {{ valid_on('teams', 'postings.posting_date') }}
    where postings.class_id is null
        and not exists (select 1 from tools where tools.gl_line_id = postings.gl_line_id)
),

weighed_parts as (
    {{ shared_out('weighed', ['gl_line_id'], ['product_id'], 'amount_minor', 'weight') }}
),

parts as (
    select gl_line_id, 'direct' as stage, 'class' as rule_id, 'product_map' as driver_id, product_id, shared_minor
    from classed_parts
    union all
    select gl_line_id, 'direct', rule_id, case when rule_id = 'tool_team' then 'ai_spend' end, product_id, shared_minor
    from tools
    union all
    select gl_line_id, stage, rule_id, driver_id, product_id, shared_minor from weighed_parts
)

select
    parts.gl_line_id,
    postings.fiscal_period,
    parts.stage,
    parts.product_id,
    parts.rule_id,
    parts.driver_id,
    parts.shared_minor as amount_minor
from parts
inner join postings on parts.gl_line_id = postings.gl_line_id
where parts.shared_minor <> 0
