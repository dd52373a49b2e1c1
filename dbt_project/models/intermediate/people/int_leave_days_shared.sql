-- How much of a day each request takes is in its map of dates, in days or in hours. A day is one of the person, however
-- long; hours are of work, so that they are parts of a full-time day: who works half days is away for four of them.
with stg_bamboohr__time_off_requests as (select * from {{ ref('stg_bamboohr__time_off_requests') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

requests as (
    select
        request_id, employee_id, amount_by_date, lower(unit) as unit,
        -- The kinds of leave have names that each company gives them, and no mark that says who pays.
        coalesce({{ text_matches(
            'lower(time_off_type)', 'unpaid|non-?paid|not paid|lwop|(without|no) pay([^a-z]|$)'
        ) }}, false) as is_unpaid,
        first_date, last_date
    from stg_bamboohr__time_off_requests
    where lower(request_status) = 'approved'
),

until_today as (
    select requests.*, least(requests.last_date, today.as_of_date) as last_known_date
    from requests
    cross join (select max(as_of_date) as as_of_date from int_fiscal_periods_begun) as today
),

dated as (
    select *, {{ daily_dates('first_date', 'last_known_date') }} as leave_date
    from until_today
    where first_date <= last_known_date
),

measured as (
    select
        dated.employee_id, dated.leave_date, dated.is_unpaid, dated.unit = 'hours' as is_in_hours,
        {{ whole("case when dated.unit = 'hours' then policy.hours_of_a_day else 1 end * 1000000") }} as day_millionths,
        {{ whole('cast(' ~ from_text(json_text('dated.amount_by_date',
            "'$.\"' || cast(dated.leave_date as varchar) || '\"'"), 'decimal') ~ ' as decimal(38, 6)) * 1000000') }}
            as amount_millionths
    from dated
    cross join int_policies_read as policy
),

-- A day that is not in the map is away as a whole.
shared as (
    select
        employee_id, leave_date, is_unpaid,
        coalesce(is_in_hours, false) and amount_millionths is not null as is_of_full_time,
        coalesce({{ half_even('amount_millionths * 1000000', 'day_millionths') }}, 1000000) as millionths
    from measured
)

select
    employee_id,
    leave_date,
    cast(least(sum(case when is_of_full_time then 0 else millionths end), 1000000) * 0.000001 as decimal(9, 6))
        as leave_share,
    cast(sum(case when is_of_full_time then millionths else 0 end) * 0.000001 as decimal(18, 6))
        as leave_of_full_time,
    -- Unpaid leave takes weekends and holidays within it, too: what is no part of a day is the whole of it.
    cast(
        least(sum(case
            when not is_unpaid then 0
            when millionths <= 0 or millionths >= 1000000 then 1000000
            when is_of_full_time then 0
            else millionths
        end), 1000000) * 0.000001 as decimal(9, 6)
    ) as unpaid_share,
    cast(
        sum(case
            when is_unpaid and is_of_full_time and millionths > 0 and millionths < 1000000 then millionths
            else 0
        end) * 0.000001 as decimal(18, 6)
    ) as unpaid_of_full_time
from shared
group by employee_id, leave_date
