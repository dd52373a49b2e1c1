-- What Amplitude counts itself, against what landed: events of each type in its running week, and members of cohorts.
-- A week begins on Sunday or on Monday, in the project's own zone, and counts events when they happened or when they
-- came: the answer says nothing of it. So the total is no less than what the shortest reading counts, and no more than
-- the longest one, with half of a busy day for the hours that can't be exported yet.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
stg_amplitude__cohorts as (select * from {{ ref('stg_amplitude__cohorts') }}),
stg_amplitude__cohort_members as (select * from {{ ref('stg_amplitude__cohort_members') }}),
stg_amplitude__event_types as (select * from {{ ref('stg_amplitude__event_types') }}),
stg_amplitude__stream_counts as (select * from {{ ref('stg_amplitude__stream_counts') }}),

reading as (
    select
        served_loaded_at as read_at,
        -- It is up to 14 hours later, and 12 earlier, where the project may be.
        cast({{ dbt.dateadd('hour', 14, 'served_loaded_at') }} as date) as last_day,
        cast({{ dbt.dateadd('hour', -12, 'served_loaded_at') }} as date) as first_day
    from stg_amplitude__stream_counts
    where stream = 'event_types'
),

-- The calendar of a zone may be a day ahead or behind.
weeks as (
    select
        read_at,
        {% for day, bound, name, slack in [('last_day', 'greatest', 'surely_from', 1),
            ('first_day', 'least', 'maybe_from', -1)] %}
        cast({{ dbt.dateadd('day', slack, bound ~ '(' ~ dbt.date_trunc('week', day) ~ ', ' ~ dbt.dateadd('day', -1,
            dbt.date_trunc('week', dbt.dateadd('day', 1, day))) ~ ')') }} as date)
            as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from reading
),

-- Of one day, type and person; an event may be dated by a clock that is wrong.
days as (
    select
        daily.project_id || '/' || daily.event_type as event_type_id, daily.activity_date, weeks.maybe_from,
        sum(daily.staged_events) as staged_events,
        sum(
            case
                when daily.activity_date between weeks.surely_from and cast(weeks.read_at as date)
                    and daily.first_uploaded_at >= weeks.surely_from and daily.last_uploaded_at <= weeks.read_at
                    then daily.events
                else 0
            end
        ) as sure_events,
        sum(case when daily.last_uploaded_at >= weeks.maybe_from then daily.staged_events else 0 end) as came_events
    from int_events_daily as daily
    inner join weeks
        on daily.activity_date >= {{ dbt.dateadd('day', -7, 'weeks.maybe_from') }}
        or daily.last_uploaded_at >= weeks.maybe_from
    group by 1, 2, 3
),

landed as (
    select
        event_type_id,
        sum(sure_events) as least_events,
        sum(case when activity_date >= maybe_from then staged_events else came_events end) as greatest_events,
        {{ whole_quotient('greatest(max(staged_events), 10)', '2') }} as pending_events
    from days
    group by event_type_id
),

totals as (
    select
        types.event_type_id, types.week_total, coalesce(landed.least_events, 0) as least_events,
        coalesce(landed.greatest_events, 0) as greatest_events, coalesce(landed.pending_events, 5) as pending_events
    from stg_amplitude__event_types as types
    left join landed on types.event_type_id = landed.event_type_id
    -- Types of Amplitude's own making are computed from others, and exported with none.
    where types.week_total is not null and not coalesce(types.is_removed, false)
        and types.event_type not like '[Amplitude]%'
),

cohorts as (
    select cohorts.cohort_id, cohorts.members, count(*) as landed_members
    from stg_amplitude__cohorts as cohorts
    inner join stg_amplitude__cohort_members as members on cohorts.cohort_id = members.cohort_id
    where cohorts.members is not null
    group by cohorts.cohort_id, cohorts.members, cohorts.load_id
    -- A cohort that was computed since its members were read is read again by the next census.
    having count(*) = cohorts.members or cohorts.load_id <= max(members.load_id)
)

select
    'event_totals' as control_id,
    event_type_id as object_id,
    'events of the running week' as object_part,
    cast(week_total as {{ dbt.type_string() }}) as vendor_figure,
    least_events || ' to ' || greatest_events || ' landed' as our_figure,
    week_total between least_events and greatest_events + pending_events as is_agreed
from totals
union all
select
    'cohort_sizes', cohort_id, 'members', cast(members as {{ dbt.type_string() }}), landed_members || ' landed',
    members = landed_members
from cohorts
