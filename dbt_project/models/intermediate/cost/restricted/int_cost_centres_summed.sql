-- Cost at standard by who answers for it, before it goes on to products: a line of people by the teams in which they
-- worked, any other line by the department of its posting. Neither depreciation nor the remainder is anybody's: split,
-- the remainder would be the parts that hide pay.
with int_standard_parts_placed as (select * from {{ ref('int_standard_parts_placed') }}),
fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
fct_gl_line as {{ inlined() }} (select * from {{ ref('fct_gl_line') }}),

lines as (
    select
        gl_line_id, fiscal_period, statement_group, rule_id, cost_type, account_function, currency,
        cast(sum(amount_minor) as bigint) as line_minor
    from int_standard_parts_placed
    group by 1, 2, 3, 4, 5, 6, 7
),

team_days as (
    select
        lines.gl_line_id, lines.fiscal_period, lines.statement_group, lines.account_function, lines.currency,
        lines.line_minor, days.team_id, days.paid_thousandths
    from lines
    inner join (
        select
            fiscal_period, lower(function_name) as function_name, team_id, sum(paid_thousandths) as paid_thousandths
        from fct_worker_day
        where is_head and paid_thousandths > 0
        group by 1, 2, 3
    ) as days
        on lines.fiscal_period = days.fiscal_period and lines.account_function = days.function_name
    where lines.rule_id = 'people'
),

centres as (
    select
        fiscal_period, statement_group, 'team' as centre_type, team_id as centre_id,
        account_function as function_name, shared_minor as amount_minor, currency
    from ({{ shared_out('team_days', ['gl_line_id'], ['team_id'], 'line_minor', 'paid_thousandths') }}) as shared
    union all
    select
        lines.fiscal_period, lines.statement_group,
        case when postings.gl_line_id is null then 'company' else 'department' end,
        case when postings.gl_line_id is null then upper(lines.cost_type)
            else coalesce(postings.department_id, 'UNMAPPED') end,
        coalesce(lines.account_function, 'UNMAPPED'), lines.line_minor, lines.currency
    from lines
    left join fct_gl_line as postings on lines.gl_line_id = postings.gl_line_id
    where lines.rule_id <> 'people'
)

select
    fiscal_period,
    statement_group,
    centre_type,
    centre_id,
    function_name,
    cast(sum(amount_minor) as bigint) as amount_minor,
    currency
from centres
group by fiscal_period, statement_group, centre_type, centre_id, function_name, currency
having sum(amount_minor) <> 0
