-- Whether the remainder of a statement group hides what its people are paid. Other cost must be twice the largest pay
-- of a whole period in it, as the books post pay: else the difference would reveal who joins or leaves. A period in
-- which all groups together do not have that is withheld; if in one of the year's others a group does not have it
-- alone, all share one remainder. Withheld too is a period whose payroll may still be posted: what its total is higher
-- by on the next day would be pay.
with int_cost_parts_placed as (select * from {{ ref('int_cost_parts_placed') }}),
int_cost_postings_selected as {{ inlined() }} (select * from {{ ref('int_cost_postings_selected') }}),
fct_worker_day as {{ inlined() }} (select * from {{ ref('fct_worker_day') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_people_groups_resolved as (select * from {{ ref('int_people_groups_resolved') }}),
int_tool_postings_named as (select * from {{ ref('int_tool_postings_named') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

-- What is shown by vendor hides nothing.
others as (
    select postings.fiscal_period, postings.statement_group, sum(parts.amount_minor) as other_minor
    from int_cost_parts_placed as parts
    inner join int_cost_postings_selected as postings on parts.gl_line_id = postings.gl_line_id
    where parts.rule_id = 'overhead_type' and postings.cost_type <> 'depreciation'
        and not exists (select 1 from int_tool_postings_named as tools where tools.gl_line_id = postings.gl_line_id)
    group by postings.fiscal_period, postings.statement_group
),

pay as (
    select
        days.fiscal_period, places.statement_group, max(days.yearly_pay_minor) as largest_minor,
        sum({{ whole('days.yearly_pay_minor') }} * days.paid_thousandths) as paid
    from fct_worker_day as days
    left join int_people_groups_resolved as places
        on days.fiscal_period = places.fiscal_period and lower(days.function_name) = places.function_name
    where days.is_head and days.yearly_pay_minor > 0 and days.paid_thousandths > 0
    group by days.fiscal_period, places.statement_group
),

everybody as (
    select
        fiscal_period, max(largest_minor) as largest_minor, sum(paid) as paid,
        min(case when statement_group is null then 0 else 1 end) = 1 as is_all_posted
    from pay
    group by fiscal_period
),

posted as (
    select
        fiscal_period, statement_group, sum(case when is_pay then amount_minor else 0 end) as pay_minor,
        sum(case when is_pay then 1 else 0 end) > 0 as has_pay
    from int_cost_postings_selected
    group by fiscal_period, statement_group
),

periods as (
    select
        begun.fiscal_period, begun.fiscal_year,
        begun.is_complete and (
            coalesce(everybody.is_all_posted, true)
            or coalesce(begun.last_date <= preferences.book_close_date, false)
        ) as is_settled,
        {{ dbt.datediff('begun.first_date', 'begun.last_date', 'day') }} + 1 as days,
        sum({{ whole('payroll.pay_minor') }}) over (partition by begun.fiscal_year) as year_payroll_minor,
        sum(case when payroll.pay_minor <> 0 then everybody.paid else 0 end) over (partition by begun.fiscal_year)
            as year_paid
    from int_fiscal_periods_begun as begun
    inner join (select fiscal_period, sum(pay_minor) as pay_minor from posted group by fiscal_period) as payroll
        on begun.fiscal_period = payroll.fiscal_period
    left join everybody on begun.fiscal_period = everybody.fiscal_period
    left join stg_quickbooks__preferences as preferences on true
),

-- Pay on an account that nobody has mapped may be anybody's.
cells as (
    select
        posted.fiscal_period, coalesce(others.other_minor, 0) as other_minor,
        coalesce(
            case when posted.statement_group = 'UNMAPPED' then everybody.largest_minor else pay.largest_minor end, 0
        ) as largest_minor
    from posted
    left join others
        on posted.fiscal_period = others.fiscal_period and posted.statement_group = others.statement_group
    left join pay on posted.fiscal_period = pay.fiscal_period and posted.statement_group = pay.statement_group
    left join everybody on posted.fiscal_period = everybody.fiscal_period
    where posted.statement_group <> 'UNMAPPED' or posted.has_pay
),

-- Pay of a year, over 365 days, times what the books post in the year for each unit of pay.
covered as (
    select
        periods.fiscal_period, periods.fiscal_year, periods.is_settled,
        min(case
            when cells.largest_minor = 0 or {{ whole('cells.other_minor') }} * periods.year_paid
                >= {{ whole('cells.largest_minor') }} * periods.days * periods.year_payroll_minor * 2000 then 1
            else 0
        end) = 1 as is_each_covered,
        max(cells.largest_minor) = 0 or {{ whole('sum(cells.other_minor)') }} * max(periods.year_paid)
            >= {{ whole('max(cells.largest_minor)') }} * max(periods.days) * max(periods.year_payroll_minor) * 2000
            as is_whole_covered
    from cells
    inner join periods on cells.fiscal_period = periods.fiscal_period
    group by periods.fiscal_period, periods.fiscal_year, periods.is_settled
)

select
    own.fiscal_period,
    case
        when not own.is_settled or not own.is_whole_covered then 'withheld'
        when min(case when years.is_each_covered then 1 else 0 end) = 1 then 'own'
        else 'joint'
    end as remainder
from covered as own
left join covered as years
    on own.fiscal_year = years.fiscal_year and years.is_settled and years.is_whole_covered
group by own.fiscal_period, own.is_settled, own.is_whole_covered
