-- Pay is converted once a range and period, not once a day. Joined by comparisons alone: with `is_head` among them
-- DuckDB compared every pair (more than 11 minutes for the 9,130,000 days of 5,000 people in 60 months; 18 s so).
with int_worker_days_placed as {{ inlined() }} (select * from {{ ref('int_worker_days_placed') }}),
int_pay_ranges_valued as (select * from {{ ref('int_pay_ranges_valued') }}),
int_pay_rates_resolved as (select * from {{ ref('int_pay_rates_resolved') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

converted as (
    select
        paid.employee_id, periods.fiscal_period, paid.valid_from, paid.valid_to,
        policy.part_time_pay = 'as_paid' and not paid.is_by_time_worked as is_share_in_pay,
        case
            when paid.basis = 'commission' then 0
            else {{ half_even(
                whole('paid.yearly_pay_numerator') ~ ' * ' ~ whole('rates.actual_numerator'),
                whole('paid.yearly_pay_denominator') ~ ' * ' ~ whole('rates.actual_denominator')
            ) }}
        end as yearly_pay_minor
    from int_pay_ranges_valued as paid
    inner join int_fiscal_periods_begun as periods
        on paid.valid_from <= periods.as_of_date and periods.first_date < paid.valid_to
    cross join int_policies_read as policy
    left join int_pay_rates_resolved as rates
        on periods.fiscal_period = rates.fiscal_period and paid.currency = rates.currency
)

select
    days.worker_id,
    days.work_date,
    days.fiscal_period,
    days.worker_type,
    days.team_id,
    days.function_name,
    days.country,
    days.fte,
    days.is_head,
    days.is_working_day,
    days.leave_share,
    days.unpaid_share,
    case when days.is_head then converted.yearly_pay_minor end as yearly_pay_minor,
    case
        when not days.is_head then 0
        else cast({{ half_even(
            whole('case when coalesce(converted.is_share_in_pay, false) then 1 else days.fte end * 1000000')
                ~ ' * (1000000 - ' ~ whole('days.unpaid_share * 1000000') ~ ')',
            '1000000000'
        ) }} as integer)
    end as paid_thousandths
from int_worker_days_placed as days
left join converted
    on days.employee_id = converted.employee_id and days.fiscal_period = converted.fiscal_period
    and {{ valid_on('converted', 'days.work_date') }}
