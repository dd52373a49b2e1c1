{%- set month, week = "'month'", "'week'" -%}
{%- set earliest = 'least(min(periods.period), begun.first_period)' -%}
-- What a key result shows on each day on which anybody looked at it, its target changed or its life ended.
with int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_goals__measures as (select * from {{ ref('int_goals__measures') }}),
int_goals__checkins as (select * from {{ ref('int_goals__checkins') }}),
int_goals__key_result_versions as (select * from {{ ref('int_goals__key_result_versions') }}),
stg_files__key_result_targets as (select * from {{ ref('stg_files__key_result_targets') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

lives as (
    select
        results.*,
        cast({{ dbt.dateadd('day', -1, 'least(end_date, left_date, ' ~ dbt.dateadd('day', 1, 'today') ~ ')') }} as date)
            as last_date,
        policy.okr_grading_days, policy.okr_control_value, policy.okr_period, policy.okr_border, policy.okr_gap,
        -- The first period that begins in the life.
        case policy.okr_period
            when 'day' then first_date
            when 'month' then {{ goal_period(dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'first_date')), month) }}
            else {{ goal_period(dbt.dateadd('day', 6, 'first_date'), week) }}
        end as first_period
    from int_goals__key_results as results
    cross join int_policies_read as policy
),

-- A check-in after the end, within the days of grading, is of the last day.
looked as (
    select
        *,
        row_number() over (partition by key_result_id, day order by checkin_date desc, place desc) as place_back
    from (
        select
            lives.key_result_id,
            case
                when checkins.checkin_date < lives.end_date then checkins.checkin_date
                else cast({{ dbt.dateadd('day', -1, 'lives.end_date') }} as date)
            end as day,
            checkins.checkin_date, checkins.place, checkins.overrides,
            cast(checkins.checkin_value as double) as value
        from lives
        inner join int_goals__checkins as checkins
            on lives.key_result_id = checkins.kr_id and lives.first_date <= checkins.checkin_date
            and checkins.checkin_date <= lives.today
            and {{ dbt.datediff('lives.end_date', 'checkins.checkin_date', 'day') }} < lives.okr_grading_days
    ) as counted
),

measured as (
    select lives.key_result_id, measures.measured_date as day, measures.value
    from lives
    inner join int_goals__measures as measures
        on lives.metric = measures.metric
        and coalesce(lives.product_id, '') = coalesce(measures.product_id, '')
        and coalesce(lives.slice, '') = coalesce(measures.slice, '')
        and measures.measured_date between lives.first_date and lives.last_date
    where measures.value is not null
),

-- A revision, or a later row with another target; the revision where both are of one day.
changes as (
    select kr_id, revised_date as changed_date, target_value, 1 as is_revision
    from stg_files__key_result_targets
    union all
    select kr_id, valid_from, target_value, 0
    from (
        select kr_id, valid_from, target_value, lag(target_value) over (
            partition by kr_id order by valid_from
        ) as earlier_value
        from int_goals__key_result_versions
    ) as versions
    where target_value <> earlier_value
),

targets as (
    select *, row_number() over (partition by key_result_id, day order by changed_date desc, is_revision desc) as place
    from (
        select
            lives.key_result_id, greatest(changes.changed_date, lives.first_date) as day, changes.changed_date,
            changes.is_revision, changes.target_value
        from lives
        inner join changes on lives.key_result_id = changes.kr_id
    ) as clamped
),

events as (
    select key_result_id, day, true as is_shown from looked
    union
    select key_result_id, max(day), true from measured
    group by key_result_id, {{ dbt.date_trunc('week', 'day') }}
    union
    select key_result_id, day, false from measured
    union
    select key_result_id, day, true from targets
    union
    select key_result_id, last_date, true from lives
),

days as (
    select lives.*, events.day, max(events.is_shown) as is_shown
    from lives
    inner join events
        on lives.key_result_id = events.key_result_id and events.day between lives.first_date and lives.last_date
    group by all
),

-- The last of each up to the day, the day itself included.
placed as (
    select
        days.*,
        looked.day is not null or measured.day is not null as is_looked_at,
        max(looked.day) over so_far as looked_day,
        max(measured.day) over so_far as measured_day,
        max(targets.day) over so_far as target_day
    from days
    left join looked
        on days.key_result_id = looked.key_result_id and days.day = looked.day and looked.place_back = 1
    left join measured on days.key_result_id = measured.key_result_id and days.day = measured.day
    left join targets on days.key_result_id = targets.key_result_id and days.day = targets.day and targets.place = 1
    window so_far as (
        partition by days.key_result_id order by days.day rows between unbounded preceding and current row
    )
),

valued as (
    select
        placed.*,
        looked.value as manual_value,
        measured.value as bound_value,
        coalesce(looked.overrides, false) as is_overridden,
        case when measured.value is null or looked.overrides then looked.value else measured.value end as value,
        coalesce(cast(targets.target_value as double), placed.original_target_value) as target_value
    from placed
    left join looked
        on placed.key_result_id = looked.key_result_id and placed.looked_day = looked.day and looked.place_back = 1
    left join measured on placed.key_result_id = measured.key_result_id and placed.measured_day = measured.day
    left join targets
        on placed.key_result_id = targets.key_result_id and placed.target_day = targets.day and targets.place = 1
),

-- A baseline begins with its first value.
begun as (
    select valued.*, coalesce(valued.start_value, firsts.value) as begun_value
    from valued
    left join (
        select key_result_id, value, row_number() over (partition by key_result_id order by day) as place
        from valued
        where is_looked_at and kr_type = 'baseline'
    ) as firsts on valued.key_result_id = firsts.key_result_id and firsts.place = 1
),

-- Of each period the last value looked at, until the next one of the same period.
periods as (
    select
        key_result_id, day, value, original_target_value, target_value, kr_type, okr_border, period,
        lead(day) over (partition by key_result_id, period order by day) as next_day
    from (
        select *, {{ goal_period('day', 'okr_period') }} as period
        from begun
        where is_looked_at and kr_type in ('stay-above', 'stay-below')
    ) as looked_at
),

controlled as (
    select
        begun.key_result_id, begun.day,
        {{ steady_sum('periods.value') }} / count(*) as mean_value,
        case
            when begun.okr_gap = 'left_out' then count(*)
            when begun.okr_period = 'month'
                then 1 + {{ dbt.datediff(earliest, 'max(periods.period)', 'month') }}
            else 1 + {{ dbt.datediff(earliest, 'max(periods.period)', 'day') }}
                / case begun.okr_period when 'day' then 1.0 else 7.0 end
        end as periods,
        {% for name in ['original_target', 'target'] %}
        {% set limit = 'periods.' ~ name ~ '_value' %}
        sum(case
            when {{ keeps_limit('periods.kr_type', 'periods.value', limit, 'periods.okr_border') }} then 1 else 0
        end) as {{ name }}_kept{{ ',' if not loop.last }}
        {% endfor %}
    from begun
    inner join periods
        on begun.key_result_id = periods.key_result_id and periods.day <= begun.day
        and (periods.next_day is null or periods.next_day > begun.day)
    where begun.okr_control_value <> 'last'
    group by begun.key_result_id, begun.day, begun.okr_gap, begun.okr_period, begun.first_period
),

scored as (
    select
        begun.*,
        {% for name in ['original_target', 'target'] %}
        {% set aim = 'begun.' ~ name ~ '_value' %}
        case
            when begun.value is null then 'no_value'
            when {{ aim }} is null then 'no_target'
            when begun.kr_type in ('binary', 'stay-above', 'stay-below') then null
            when begun.begun_value is null or begun.begun_value = {{ aim }} then 'target_is_start'
        end as {{ name }}_reason,
        case
            when begun.value is null or {{ aim }} is null then null
            when begun.kr_type = 'binary' then case when begun.value >= 1 then 1 else 0 end
            when begun.kr_type in ('stay-above', 'stay-below') then case
                begun.okr_control_value
                when 'share_of_periods' then cast(controlled.{{ name }}_kept as double) / controlled.periods
                when 'worst' then case when controlled.{{ name }}_kept = controlled.periods then 1 else 0 end
                else case
                    when {{ keeps_limit(
                        'begun.kr_type',
                        "case begun.okr_control_value when 'mean' then controlled.mean_value else begun.value end",
                        aim, 'begun.okr_border'
                    ) }} then 1 else 0
                end
            end
            when begun.begun_value <> {{ aim }}
                then (begun.value - begun.begun_value) / ({{ aim }} - begun.begun_value)
        end as {{ name }}_progress{{ ',' if not loop.last }}
        {% endfor %}
    from begun
    left join controlled on begun.key_result_id = controlled.key_result_id and begun.day = controlled.day
    where begun.is_shown
)

select
    key_result_id,
    day,
    is_looked_at,
    day = last_date as is_last,
    looked_day as manual_date,
    manual_value,
    measured_day as bound_date,
    bound_value,
    is_overridden,
    value,
    manual_value is not null and bound_value is not null and manual_value <> bound_value as is_disputed,
    begun_value as start_value,
    original_target_value,
    target_value,
    cast(original_target_progress as double) as original_progress,
    original_target_reason as original_reason,
    cast(target_progress as double) as progress,
    target_reason as reason
from scored
