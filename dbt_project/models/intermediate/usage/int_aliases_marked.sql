{% set worker_first = "min(case when is_worker then first_uploaded_at end)" %}
{% set other_first = "min(case when not is_worker then first_uploaded_at end)" %}
-- Marks are on user ids and devices, never on the person behind them: a colleague who signs in as a customer's user
-- leaves that user alone. A device on which a colleague signed in is the company's or the customer's: by who used it on
-- more days, by whose usual device it is, which counts twice, and by who was first.
with int_events_daily as {{ inlined() }} (select * from {{ ref('int_events_daily') }}),
stg_files__worker_maps as (select * from {{ ref('stg_files__worker_maps') }}),

workers as (
    select distinct 'user:' || person_key as alias from stg_files__worker_maps where mapped_source = 'amplitude'
),

desks as (
    select distinct daily.device_alias
    from int_events_daily as daily
    inner join workers on daily.alias = workers.alias
    where daily.device_alias is not null
),

-- Everybody who used one of them, with all of their devices.
visitors as (
    select distinct daily.alias
    from int_events_daily as daily
    inner join desks on daily.device_alias = desks.device_alias
    where daily.alias <> daily.device_alias
),

uses as (
    select
        daily.alias, daily.device_alias, workers.alias is not null as is_worker,
        count(distinct daily.activity_date) as days, min(daily.first_uploaded_at) as first_uploaded_at
    from int_events_daily as daily
    inner join visitors on daily.alias = visitors.alias
    left join workers on daily.alias = workers.alias
    where daily.device_alias is not null
    group by 1, 2, 3
),

usual as (
    select
        *,
        row_number() over (partition by alias order by days desc, first_uploaded_at, device_alias) = 1 as is_usual
    from uses
),

internal_devices as (
    select device_alias as alias
    from usual
    group by device_alias
    having max(case when is_worker then 1 else 0 end) = 1
        and sign(max(case when is_worker then days else 0 end) - max(case when is_worker then 0 else days end))
        + 2 * max(case when is_worker and is_usual then 1 else 0 end)
        - 2 * max(case when is_usual and not is_worker then 1 else 0 end)
        + case
            when coalesce({{ worker_first }} < {{ other_first }}, true) then 1
            when {{ other_first }} < {{ worker_first }} then -1
            else 0
        end > 0
),

-- More of what it sends is a machine's than not; the rest is the same machine by another library.
machine_devices as (
    select device_alias as alias
    from int_events_daily
    where device_alias is not null
    group by device_alias
    having sum(case when is_machine then staged_events else 0 end) * 2 > sum(staged_events)
),

-- A user id that a test made up: mostly a machine's, and on no device of a person.
machine_users as (
    select daily.alias
    from int_events_daily as daily
    left join machine_devices on daily.device_alias = machine_devices.alias
    where daily.alias like 'user:%'
    group by daily.alias
    having sum(case when daily.is_machine then daily.staged_events else 0 end) * 2 > sum(daily.staged_events)
        and max(case when daily.device_alias is not null and machine_devices.alias is null then 1 else 0 end) = 0
)

select alias, max(is_internal) = 1 as is_internal, max(is_bot) = 1 as is_bot
from (
    select alias, 1 as is_internal, 0 as is_bot from workers
    union all
    select alias, 1, 0 from internal_devices
    union all
    select alias, 0, 1 from machine_devices
    union all
    select alias, 0, 1 from machine_users
) as marks
group by alias
