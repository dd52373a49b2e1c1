{{ config(materialized='view') }}

-- Each day of work at the pay of its day, in the period that pays it. As known now that is the period of the day. Where
-- closed periods stay as they were known (switch `closed_periods`), a period has its own days at the pay that HR knew
-- at its end, and of earlier days what it has learnt since the end before, more or less: late pay is paid late. Arrears
-- of a month count as that part of a month, however long it was. What the first load brought has always been known.
with fct_worker_day as {{ inlined() }} (select * from {{ ref('fct_worker_day') }}),
dim_worker as (select * from {{ ref('dim_worker') }}),
stg_bamboohr__compensation_versions as (select * from {{ ref('stg_bamboohr__compensation_versions') }}),
int_pay_rates_resolved as (select * from {{ ref('int_pay_rates_resolved') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
currencies as (select * from {{ ref('currencies') }}),
{% if var('what_if', false) %}
int_headcount_days_assumed as (select * from {{ ref('int_headcount_days_assumed') }}),
{% endif %}

days as {{ inlined() }} (
    select
        fiscal_period, worker_id, team_id, function_name, work_date, paid_thousandths,
        cast(fte * 1000000 as bigint) as fte_millionths,
        {{ whole('coalesce(yearly_pay_minor, 0)') }} * paid_thousandths as pay_weight
    from fct_worker_day
    where worker_type <> 'contractor'
),

closings as (
    select periods.*, lag(periods.closed_at) over (order by periods.first_date) as before_closed_at
    from (
        select
            begun.fiscal_period, begun.first_date,
            case
                when begun.first_date = cast({{ dbt.date_trunc('month', 'begun.first_date') }} as date)
                    and begun.last_date = {{ dbt.last_day('begun.first_date', 'month') }}
                    then {{ dbt.datediff('begun.first_date', 'begun.last_date', 'day') }} + 1
            end as month_days,
            cast({{ dbt.dateadd('day', 1, 'begun.as_of_date') }} as date) as end_date,
            {{ to_utc('cast(' ~ dbt.dateadd('day', 1, 'begun.as_of_date') ~ ' as timestamp)',
                'policy.reporting_time_zone') }} as closed_at
        from int_fiscal_periods_begun as begun
        inner join int_policies_read as policy on policy.closed_periods = 'as_closed'
    ) as periods
),

known_pay as (
    select
        paid.employee_id, paid.valid_from, paid.valid_to, paid.currency,
        case
            when paid.known_from = min(paid.known_from) over () then timestamp '0001-01-01 00:00:00'
            else paid.known_from
        end as known_from,
        coalesce(paid.known_to, timestamp '9999-12-31 00:00:00') as known_to,
        {{ trillionths('paid.rate_amount') }}
            * {{ times_a_year('paid.paid_per', 'paid.pay_schedule', 'paid.pay_type') }}
            * cast(power(10, currencies.minor_unit_exponent) as bigint) as yearly_trillionths
    from stg_bamboohr__compensation_versions as paid
    inner join currencies on paid.currency = currencies.currency
    where paid.valid_from < paid.valid_to
),

-- All that is known at a period's end, less all that was known at the end before of the days until then. What was known
-- at both is left with the period's own days.
learnt as (
    select
        closings.fiscal_period, closings.month_days, known.employee_id, known.currency, known.yearly_trillionths,
        1 as direction,
        case
            when known.known_from < closings.before_closed_at and closings.before_closed_at <= known.known_to
                then greatest(known.valid_from, closings.first_date)
            else known.valid_from
        end as from_date,
        least(known.valid_to, closings.end_date) as to_date
    from closings
    inner join known_pay as known on known.known_from < closings.closed_at and closings.closed_at <= known.known_to
    union all
    select
        closings.fiscal_period, closings.month_days, known.employee_id, known.currency, known.yearly_trillionths, -1,
        known.valid_from, least(known.valid_to, closings.first_date)
    from closings
    inner join known_pay as known
        on known.known_from < closings.before_closed_at and closings.before_closed_at <= known.known_to
        and closings.closed_at > known.known_to
),

learnt_days as (
    select
        learnt.fiscal_period, learnt.currency, learnt.direction, learnt.yearly_trillionths, days.team_id,
        days.function_name, days.work_date, days.paid_thousandths,
        case when earned.month_days is null then 1 else coalesce(learnt.month_days, 1) end as paid_days,
        case when learnt.month_days is null then 1 else coalesce(earned.month_days, 1) end as earned_days
    from learnt
    inner join dim_worker as workers
        on learnt.employee_id = workers.employee_id
        and workers.valid_from < learnt.to_date and learnt.from_date < workers.valid_to
    inner join days
        on workers.worker_id = days.worker_id
        and days.work_date >= greatest(learnt.from_date, workers.valid_from)
        and days.work_date < least(learnt.to_date, workers.valid_to)
    inner join closings as earned on days.fiscal_period = earned.fiscal_period
    where learnt.yearly_trillionths is not null
),

valued as (
    select
        learnt.*,
        case
            when rates.actual_numerator is null
                then {{ stop("'no rate of ' || learnt.currency || ' in ' || learnt.fiscal_period") }}
            else {{ half_even(
                'learnt.yearly_trillionths * ' ~ whole('rates.actual_numerator'),
                whole(trillion()) ~ ' * ' ~ whole('rates.actual_denominator')
            ) }}
        end as yearly_pay_minor
    from learnt_days as learnt
    left join int_pay_rates_resolved as rates
        on learnt.fiscal_period = rates.fiscal_period and learnt.currency = rates.currency
)

select
    days.fiscal_period, days.team_id, days.function_name, days.work_date, days.fte_millionths,
    case when policy.closed_periods = 'as_closed' then {{ whole('0') }} else days.pay_weight end as pay_weight
from days
cross join int_policies_read as policy
union all
select
    learnt.fiscal_period, learnt.team_id, learnt.function_name, learnt.work_date, 0,
    {{ whole('learnt.direction') }} * {{ half_even(
        whole('learnt.yearly_pay_minor') ~ ' * learnt.paid_thousandths * learnt.paid_days', 'learnt.earned_days'
    ) }}
from valued as learnt
{% if var('what_if', false) %}
-- Work of people whom a what-if assumes: a driver like anybody's, and nobody's pay.
union all
select fiscal_period, team_id, function_name, work_date, 1000 * fte_thousandths, {{ whole('0') }}
from int_headcount_days_assumed
{% endif %}
