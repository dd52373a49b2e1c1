-- A user who is active on a day opens windows that end some days later or where their next active day opens them again:
-- the day and the days until the next one say it all, and 32 are as good as more. Numbers stand for people, customers
-- and places, and each slice is followed by itself: all slices at once with texts took 572 MB over 865,000 active rows,
-- so 196.
with fct_event_daily as {{ inlined() }} (select * from {{ ref('fct_event_daily') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
dim_user as (select * from {{ ref('dim_user') }}),

facts as (
    select facts.*
    from fct_event_daily as facts
    inner join int_amplitude_clocks_read as clock on facts.activity_date <= clock.last_date
    where facts.is_active and not facts.is_bot and not facts.is_internal
),

people as (
    select canonical_user_id, cast(row_number() over (order by canonical_user_id) as integer) as person_number
    from dim_user
),

customers as (
    select customer_id, cast(row_number() over (order by customer_id) as integer) as customer_number
    from (select distinct customer_id from fct_event_daily where customer_id <> 'UNMAPPED') as named
),

places as (
    select *, cast(row_number() over (order by product_id, segment, market) as integer) as place_number
    from (select distinct product_id, segment, market from fct_event_daily) as found
),

active as (
    select
        facts.activity_date, places.place_number, people.person_number, customers.customer_number, facts.events,
        facts.event_weight
    from facts
    inner join people on facts.canonical_user_id = people.canonical_user_id
    inner join places
        on facts.product_id = places.product_id and facts.segment = places.segment and facts.market = places.market
    left join customers on facts.customer_id = customers.customer_id
),

-- A product in a slice: several places come to one.
place_cells as (
    select *, cast(dense_rank() over (order by product_id, slice_type, slice_value) as integer) as cell_number
    from (
        {{ sliced('places', ['place_number', 'product_id']) }}
    ) as parts
),

-- Of several rows of a day (one for each customer) all but the last have their next on the same day: no gap, so they
-- open nothing.
counted as (
    {% for slice_type, slice_value in slices() %}
    {% for who, id in [('users', 'person_number'), ('customers', 'customer_number')] %}
    select
        cell_number, '{{ who }}' as who, activity_date,
        least(coalesce({{ dbt.datediff('activity_date', 'next_date', 'day') }}, 32), 32) as gap_days,
        sum(events) as events, sum(event_weight) as event_weight, count(*) as opened
    from (
        select
            cell_number, activity_date, events, event_weight,
            lead(activity_date) over (partition by cell_number, {{ id }} order by activity_date) as next_date
        from (
            select {{ 'distinct' if who == 'customers' }}
                place_cells.cell_number, active.activity_date, active.{{ id }},
                {{ 'active.events, active.event_weight' if who == 'users' else '0 as events, 0 as event_weight' }}
            from active
            inner join place_cells
                on active.place_number = place_cells.place_number and place_cells.slice_type = '{{ slice_type }}'
            {{ 'where active.customer_number is not null' if who == 'customers' }}
        ) as parts
    ) as followed
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

cells as (
    select distinct cell_number, slice_type, slice_value, product_id from place_cells
)

select
    cells.slice_type,
    cells.slice_value,
    cells.product_id,
    counted.who,
    counted.activity_date,
    counted.gap_days,
    case when counted.gap_days > 0 then counted.opened else 0 end as opened,
    cast(counted.events as bigint) as events,
    counted.event_weight
from counted
inner join cells on counted.cell_number = cells.cell_number
