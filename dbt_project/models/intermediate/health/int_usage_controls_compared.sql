-- What Amplitude counts itself, against what landed and what was made of it: events of each type in its running week,
-- members of cohorts, users who signed in; and who counts, by what single events surely say.
-- A week begins on Sunday or on Monday, in the project's own zone, and counts events when they happened or when they
-- came: the answer says nothing of it. So the total is no less than what the shortest reading counts, and no more than
-- the longest one, with half of a busy day for the hours that can't be exported yet.
with int_events_daily as {{ inlined() }} (select * from {{ ref('int_events_daily') }}),
int_events_attributed as {{ inlined() }} (select * from {{ ref('int_events_attributed') }}),
int_device_turns_ranged as (select * from {{ ref('int_device_turns_ranged') }}),
int_projects_started as (select * from {{ ref('int_projects_started') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),
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
),

-- A number of Amplitude is one user id: it never makes one of two, and gives what comes from their device without one
-- to the last who signed in. On a day on which somebody does it says less.
sign_ins as (
    select distinct daily.device_alias, daily.activity_date
    from int_events_daily as daily
    inner join (select distinct device_alias from int_device_turns_ranged) as shared
        on daily.device_alias = shared.device_alias
    where daily.alias <> daily.device_alias
),

numbered as {{ inlined() }} (
    select
        daily.project_id, daily.least_amplitude_id as amplitude_id, daily.canonical_user_id,
        case when daily.alias like 'user:%' then daily.alias end as user_alias
    from int_events_attributed as daily
    left join sign_ins
        on daily.alias = sign_ins.device_alias and daily.activity_date = sign_ins.activity_date
    where daily.least_amplitude_id = daily.greatest_amplitude_id and sign_ins.device_alias is null
),

joined as (
    select
        project_id, canonical_user_id,
        least(count(distinct amplitude_id), count(distinct user_alias)) as users
    from numbered
    where user_alias is not null
    group by project_id, canonical_user_id
),

numbers as (
    select
        numbered.project_id, numbered.amplitude_id, count(distinct numbered.canonical_user_id) as people,
        max(joined.users) as users
    from numbered
    left join joined
        on numbered.project_id = joined.project_id and numbered.canonical_user_id = joined.canonical_user_id
    group by numbered.project_id, numbered.amplitude_id
    having count(numbered.user_alias) > 0
),

-- By single events: what is not a machine's is of an outsider where neither a colleague nor a machine was ever seen on
-- the device, and may be of one wherever the user id is no colleague's. A phone's own software is no crawler's.
signs as {{ inlined() }} (
    select
        daily.project_id, daily.canonical_user_id, daily.is_dated, daily.alias, daily.device_alias,
        not daily.is_bot and not daily.is_internal as is_counted,
        daily.is_machine and daily.phone_events = 0 as is_machine,
        workers.person_key is not null as is_worker
    from int_events_attributed as daily
    left join (select distinct person_key from stg_files__worker_maps where mapped_source = 'amplitude') as workers
        on daily.alias = 'user:' || workers.person_key
    where daily.events > 0
),

aliases as (
    select alias, max(case when is_machine then 1 else 0 end) = 1 as has_machine from signs group by alias
),

devices as (
    select
        device_alias,
        max(case when is_machine then 1 else 0 end) = 1 as has_machine,
        max(case when is_worker then 1 else 0 end) = 1 as has_worker,
        max(case when alias <> device_alias and not is_worker then 1 else 0 end) = 1 as has_outsider
    from signs
    where device_alias is not null
    group by device_alias
),

people as (
    select
        signs.project_id, signs.canonical_user_id,
        max(case when signs.is_counted then 1 else 0 end) as is_counted,
        max(
            case
                when not signs.is_machine and not signs.is_worker and not coalesce(devices.has_worker, false)
                    and not coalesce(devices.has_machine, aliases.has_machine)
                    then 1
                else 0
            end
        ) as is_sure,
        max(
            case
                when not signs.is_machine and not signs.is_worker
                    and (not coalesce(devices.has_worker, false) or devices.has_outsider)
                    then 1
                else 0
            end
        ) as is_possible
    from signs
    inner join aliases on signs.alias = aliases.alias
    left join devices on signs.device_alias = devices.device_alias
    where signs.is_dated
    group by signs.project_id, signs.canonical_user_id
),

counted as (
    select
        project_id, sum(is_counted) as people, sum(is_sure) as sure_people, sum(is_possible) as possible_people,
        sum(case when is_sure > is_counted then 1 else 0 end) as hidden_people,
        sum(case when is_counted > is_possible then 1 else 0 end) as wrong_people
    from people
    group by project_id
),

shown as (
    select project_id, min(activity_date) as first_date from int_events_attributed where is_dated group by project_id
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
union all
select
    'identified_users', project_id || '/' || amplitude_id, 'users', '1 user',
    case when people > 1 then people || ' people' else '1 person of ' || users || ' users' end,
    people = 1 and users = 1
from numbers
union all
select
    'counted_users', project_id, 'people', sure_people || ' to ' || possible_people,
    people || ' counted: ' || hidden_people || ' hidden, ' || wrong_people || ' too many',
    hidden_people = 0 and wrong_people = 0
from counted
union all
select
    'first_days', projects.project_id, 'day', 'from ' || projects.first_date || ' on',
    'from ' || shown.first_date || ' on',
    projects.first_date <= shown.first_date
from int_projects_started as projects
inner join shown on projects.project_id = shown.project_id
