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
{% macro monday_of(day) %}cast({{ dbt.date_trunc('week', day) }} as date){% endmacro %}
{% macro sunday_of(day) %}
{{ dbt.dateadd('day', -1, monday_of(dbt.dateadd('day', 1, day))) }}
{% endmacro %}

weeks as (
    select
        read_at,
        cast(greatest({{ monday_of('last_day') }}, {{ sunday_of('last_day') }}) as date) as latest_start,
        cast({{ dbt.dateadd('day', -1, 'least(' ~ monday_of('first_day') ~ ', ' ~ sunday_of('first_day') ~ ')') }} as date)
            as earliest_start
    from reading
),

days as (
    select
        daily.project_id || '/' || daily.event_type as event_type_id, daily.activity_date,
        weeks.latest_start, weeks.earliest_start,
        sum(daily.staged_events) as staged_events,
        sum(case when daily.last_uploaded_at <= weeks.read_at then daily.events else 0 end) as events,
        sum(case when daily.last_uploaded_at >= weeks.earliest_start then daily.late_events else 0 end) as late_events
    from int_events_daily as daily
    inner join weeks
        on daily.activity_date >= {{ dbt.dateadd('day', -7, 'weeks.earliest_start') }}
        or daily.last_uploaded_at >= weeks.earliest_start
    group by 1, 2, 3, 4
),

landed as (
    select
        event_type_id,
        sum(case when activity_date > latest_start then events else 0 end) as least_events,
        sum(case when activity_date >= earliest_start then staged_events else late_events end) as greatest_events,
        greatest(max(staged_events), 10) / 2 as pending_events
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
