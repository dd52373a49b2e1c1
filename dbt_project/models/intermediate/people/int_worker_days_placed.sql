-- Without pay, so that a rate that is missing costs no head. Ranges first, days last.
with dim_worker as (select * from {{ ref('dim_worker') }}),
stg_bamboohr__locations as (select * from {{ ref('stg_bamboohr__locations') }}),
stg_files__holidays as (select * from {{ ref('stg_files__holidays') }}),
int_leave_days_shared as (select * from {{ ref('int_leave_days_shared') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

holidays as (
    select distinct country, holiday_date from stg_files__holidays
),

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
        cast(coalesce(workers.fte, 1) as decimal(18, 6)) as fte,
        unpaid_statuses.employment_status is not null as is_away,
        periods.fiscal_period,
        greatest(workers.valid_from, periods.first_date) as first_date,
        least({{ dbt.dateadd('day', -1, 'workers.valid_to') }}, periods.as_of_date) as last_date
    from dim_worker as workers
    inner join int_fiscal_periods_begun as periods
        on workers.valid_from <= periods.as_of_date and periods.first_date < workers.valid_to
    left join countries on workers.location = countries.location
    left join unpaid_statuses
        on {{ written_alike('workers.employment_status') }} = unpaid_statuses.employment_status
    where workers.is_employed
),

days as (
    select *, {{ daily_dates('first_date', 'last_date') }} as work_date from employed
),

placed as (
    select
        days.*,
        {{ dbt.datediff(dbt.date_trunc('week', 'days.work_date'), 'days.work_date', 'day') }} < 5
            and holidays.holiday_date is null as is_working_day,
        {% for name in ['leave', 'unpaid'] %}
        case
            when days.is_away then 1
            -- Hours off are hours of work: of a shorter day they are more.
            else least(
                coalesce(leaves.{{ name }}_share, 0) + 0.000001 * coalesce(
                    {{ half_even(
                        whole('leaves.' ~ name ~ '_of_full_time * 1000000') ~ ' * 1000000', whole('days.fte * 1000000')
                    ) }},
                    0
                ),
                1
            )
        end as {{ 'away' if name == 'leave' else name }}_share{{ ',' if not loop.last }}
        {% endfor %}
    from days
    left join holidays
        on days.country = holidays.country and days.work_date = holidays.holiday_date
    left join int_leave_days_shared as leaves
        on days.employee_id = leaves.employee_id and days.work_date = leaves.leave_date
)

select
    worker_id,
    employee_id,
    work_date,
    fiscal_period,
    worker_type,
    team_id,
    function_name,
    country,
    fte,
    worker_type <> 'contractor' as is_head,
    is_working_day,
    cast(case when is_working_day then away_share else 0 end as decimal(9, 6)) as leave_share,
    cast(unpaid_share as decimal(9, 6)) as unpaid_share
from placed
