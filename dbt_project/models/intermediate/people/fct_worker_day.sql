-- Ranges first, days last: pay is worked out once a range, not once a day.
with dim_worker as (select * from {{ ref('dim_worker') }}),
stg_bamboohr__locations as (select * from {{ ref('stg_bamboohr__locations') }}),
stg_files__holidays as (select distinct country, holiday_date from {{ ref('stg_files__holidays') }}),
int_pay_ranges_valued as (select * from {{ ref('int_pay_ranges_valued') }}),
int_pay_rates_resolved as (select * from {{ ref('int_pay_rates_resolved') }}),
int_leave_days_shared as (select * from {{ ref('int_leave_days_shared') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

-- Of places of one name the one that is in use.
countries as (
    select location, coalesce(max(case when not is_archived then country end), max(country)) as country
    from stg_bamboohr__locations
    group by location
),

unpaid_statuses as (
    select distinct {{ written_alike('status.piece') }} as employment_status
    from int_policies_read as policy {{ text_pieces('policy.unpaid_statuses', ',', 'status') }}
),

employed as (
    select
        workers.worker_id, workers.employee_id, workers.worker_type, workers.team_id,
        coalesce(workers.function_name, 'UNMAPPED') as function_name,
        countries.country,
        -- Somebody without a row of the job, or with one that can't be read, counts as one, and as a whole one.
        coalesce(workers.fte, 1) as fte,
        workers.worker_type <> 'contractor' as is_head,
        unpaid_statuses.employment_status is not null as is_away,
        workers.valid_from, workers.valid_to
    from dim_worker as workers
    left join countries on workers.location = countries.location
    left join unpaid_statuses
        on {{ written_alike('workers.employment_status') }} = unpaid_statuses.employment_status
    where workers.is_employed
),

ranges as (
    select
        employed.*, policy.part_time_pay = 'as_paid' and not paid.is_by_time_worked as is_share_in_pay,
        periods.fiscal_period,
        greatest(employed.valid_from, coalesce(paid.valid_from, employed.valid_from), periods.first_date)
            as first_date,
        least(
            {{ dbt.dateadd('day', -1, 'least(employed.valid_to, coalesce(paid.valid_to, employed.valid_to))') }},
            periods.as_of_date
        ) as last_date,
        case
            when not employed.is_head then null
            when paid.basis = 'commission' then 0
            else {{ half_even(
                whole('paid.yearly_pay_numerator') ~ ' * ' ~ whole('rates.actual_numerator'),
                whole('paid.yearly_pay_denominator') ~ ' * ' ~ whole('rates.actual_denominator')
            ) }}
        end as yearly_pay_minor
    from employed
    cross join int_policies_read as policy
    left join int_pay_ranges_valued as paid
        on employed.employee_id = paid.employee_id
        and employed.valid_from < paid.valid_to and paid.valid_from < employed.valid_to
    inner join int_fiscal_periods_begun as periods
        on greatest(employed.valid_from, coalesce(paid.valid_from, employed.valid_from)) <= periods.as_of_date
        and periods.first_date < least(employed.valid_to, coalesce(paid.valid_to, employed.valid_to))
    left join int_pay_rates_resolved as rates
        on periods.fiscal_period = rates.fiscal_period and paid.currency = rates.currency
),

days as (
    select *, {{ daily_dates('first_date', 'last_date') }} as work_date from ranges
),

placed as (
    select
        days.*,
        {{ dbt.datediff(dbt.date_trunc('week', 'days.work_date'), 'days.work_date', 'day') }} < 5
            and holidays.holiday_date is null as is_working_day,
        case when days.is_away then 1 else coalesce(leaves.leave_share, 0) end as away_share,
        case when days.is_away then 1 else coalesce(leaves.unpaid_share, 0) end as unpaid_share
    from days
    left join stg_files__holidays as holidays
        on days.country = holidays.country and days.work_date = holidays.holiday_date
    left join int_leave_days_shared as leaves
        on days.employee_id = leaves.employee_id and days.work_date = leaves.leave_date
)

select
    worker_id,
    work_date,
    fiscal_period,
    worker_type,
    team_id,
    function_name,
    country,
    cast(fte as decimal(18, 6)) as fte,
    is_head,
    is_working_day,
    cast(case when is_working_day then away_share else 0 end as decimal(9, 6)) as leave_share,
    cast(unpaid_share as decimal(9, 6)) as unpaid_share,
    yearly_pay_minor,
    case
        when not is_head then 0
        else cast({{ half_even(
            whole('case when is_share_in_pay then 1 else fte end * 1000000')
                ~ ' * (1000000 - ' ~ whole('unpaid_share * 1000000') ~ ')',
            '1000000000'
        ) }} as integer)
    end as paid_thousandths
from placed
