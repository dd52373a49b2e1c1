-- What is published of a period's cost, so that no cell tells anybody's pay: what is no payroll as it is, people at
-- standard, and the rest of each statement group in one remainder, which is overhead. It holds what pay differs from
-- standard and all overhead; only depreciation stands apart, as EBITDA needs it. Every group adds up to the ledger, or
-- all of them together where they share a remainder, or none where it is withheld.
with int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),
int_cost_parts_placed as {{ inlined() }} (select * from {{ ref('int_cost_parts_placed') }}),
int_cost_postings_selected as {{ inlined() }} (select * from {{ ref('int_cost_postings_selected') }}),
int_people_costs_valued as (select * from {{ ref('int_people_costs_valued') }}),
int_remainders_judged as (select * from {{ ref('int_remainders_judged') }}),
{% if var('what_if', false) %}
int_headcount_costs_valued as (select * from {{ ref('int_headcount_costs_valued') }}),
{% endif %}

placed as (
    select
        postings.gl_line_id, postings.fiscal_period, postings.posting_date, postings.account_id,
        postings.statement_group, postings.cost_type, postings.account_function, parts.stage, parts.product_id,
        parts.rule_id, parts.driver_id, parts.amount_minor
    from int_cost_parts_placed as parts
    inner join int_cost_postings_selected as postings on parts.gl_line_id = postings.gl_line_id
    where not postings.is_pay
),

lines as (
    select * from placed where rule_id <> 'overhead_type'
    union all
    select
        'people/' || fiscal_period || '/' || statement_group || '/' || function_name, fiscal_period, null, null,
        statement_group, 'payroll', function_name, 'team', product_id, 'people', 'standard_rate', amount_minor
    from int_people_costs_valued
    union all
    select
        'depreciation/' || fiscal_period || '/' || statement_group, fiscal_period, null, null, statement_group,
        cost_type, null, 'direct', product_id, rule_id, null, sum(amount_minor)
    from placed
    where rule_id = 'overhead_type' and cost_type = 'depreciation'
    group by fiscal_period, statement_group, cost_type, product_id, rule_id
),

remainders as (
    select
        both_sides.fiscal_period,
        case when judged.remainder = 'joint' then 'operating_expense' else both_sides.statement_group end
            as statement_group,
        sum(both_sides.amount_minor) as amount_minor
    from (
        select fiscal_period, statement_group, amount_minor from int_cost_postings_selected
        union all
        select fiscal_period, statement_group, -amount_minor from lines
    ) as both_sides
    inner join int_remainders_judged as judged on both_sides.fiscal_period = judged.fiscal_period
    where judged.remainder <> 'withheld'
    group by 1, 2
),

parts as (
    select * from lines
    union all
    select
        'remainder/' || fiscal_period || '/' || statement_group, fiscal_period, null, null, statement_group,
        'remainder', null, 'direct', 'OVERHEAD', 'remainder', null, amount_minor
    from remainders
    {% if var('what_if', false) %}
    -- People whom a what-if assumes come on top of the ledger.
    union all
    select
        'assumed/' || fiscal_period || '/' || statement_group || '/' || function_name, fiscal_period, null, null,
        statement_group, 'payroll', function_name, 'team', product_id, 'people', 'standard_rate', amount_minor
    from int_headcount_costs_valued
    {% endif %}
)

select
    parts.gl_line_id,
    parts.fiscal_period,
    coalesce(parts.posting_date, rules.as_of_date) as posting_date,
    parts.account_id,
    parts.statement_group,
    parts.cost_type,
    parts.account_function,
    parts.stage,
    parts.product_id,
    parts.rule_id,
    parts.driver_id,
    cast(parts.amount_minor as bigint) as amount_minor,
    books.currency,
    rules.rules_version
from parts
inner join int_allocation_rules_resolved as rules on parts.fiscal_period = rules.fiscal_period
cross join (select distinct currency from int_cost_postings_selected) as books
where parts.amount_minor <> 0
