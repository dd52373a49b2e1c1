-- Everyone who is active on a day opens a window that ends 1, 7 or 28 days later, with the month, or where their next
-- active day opens it again. Running sums of openings less endings are the distinct users of each window: one pass,
-- whatever its length, and no day is joined with another. What opens and ends on a day is summed before it meets the
-- days: all of it was four rows for each opening, read twice and so held in memory (453 MB over 910,000 openings, now
-- 74).
with int_active_days_counted as {{ inlined() }} (select * from {{ ref('int_active_days_counted') }}),
int_amplitude_clocks_read as {{ inlined() }} (select * from {{ ref('int_amplitude_clocks_read') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
int_slices_named as (select * from {{ ref('int_slices_named') }}),
dim_product as (select * from {{ ref('dim_product') }}),

steps as (
    select
        slice_type, slice_value, product_id, who, activity_date as step_date,
        events, event_weight, opened, 0 as left_7, 0 as left_28, 0 as left_month
    from int_active_days_counted
    {% for name, window_end in [
        ('left_7', "activity_date + interval '7' day"),
        ('left_28', "activity_date + interval '28' day"),
        ('left_month', dbt.date_trunc('month', 'activity_date') ~ " + interval '1' month"),
    ] %}
    union all
    select
        slice_type, slice_value, product_id, who,
        least(cast({{ window_end }} as date), cast({{ dbt.dateadd('day', 'gap_days', 'activity_date') }} as date)),
        0, 0, 0,
        {% for column in ['left_7', 'left_28', 'left_month'] %}
        {{ 'opened' if column == name else 0 }}{{ ',' if not loop.last }}
        {% endfor %}
    from int_active_days_counted
    {% endfor %}
),

summed as (
    select
        slice_type, slice_value, product_id, step_date,
        sum(events) as events,
        sum(event_weight) as events_split,
        {% for who in ['users', 'customers'] %}{% for column in ['opened', 'left_7', 'left_28', 'left_month'] %}
        sum(case when who = '{{ who }}' then {{ column }} end) as {{ who }}_{{ column }}
        {{- ',' if not (loop.last and who == 'customers') }}
        {% endfor %}{% endfor %}
    from steps
    group by slice_type, slice_value, product_id, step_date
),

spine as (
    select
        firsts.slice_type, firsts.slice_value, firsts.product_id,
        {{ daily_dates('firsts.first_date', 'clock.last_date') }} as activity_date
    from (
        select slice_type, slice_value, product_id, min(step_date) as first_date from summed group by 1, 2, 3
    ) as firsts
    cross join int_amplitude_clocks_read as clock
),

daily as (
    select
        spine.slice_type, spine.slice_value, spine.product_id, spine.activity_date,
        coalesce(summed.events, 0) as events,
        coalesce(summed.events_split, 0) as events_split,
        {% for who in ['users', 'customers'] %}{% for column in ['opened', 'left_7', 'left_28', 'left_month'] %}
        coalesce(summed.{{ who }}_{{ column }}, 0) as {{ who }}_{{ column }}
        {{- ',' if not (loop.last and who == 'customers') }}
        {% endfor %}{% endfor %}
    from spine
    left join summed
        on spine.slice_type = summed.slice_type and spine.slice_value = summed.slice_value
        and spine.product_id = summed.product_id and spine.activity_date = summed.step_date
),

windows as (
    select
        slice_type, slice_value, product_id, activity_date, events, events_split, users_opened as dau,
        customers_opened as customers_day,
        sum(users_opened - users_left_7) over so_far as wau,
        sum(users_opened - users_left_28) over so_far as mau_28d,
        sum(users_opened - users_left_month) over so_far as mau_month,
        sum(customers_opened - customers_left_28) over so_far as customers_28d,
        sum(users_opened) over (
            partition by slice_type, slice_value, product_id
            order by activity_date
            rows between 27 preceding and current row
        ) as dau_28d_sum
    from daily
    window so_far as (
        partition by slice_type, slice_value, product_id
        order by activity_date
        rows between unbounded preceding and current row
    )
),

rolled_up as (
    {{ rolled_up('windows', 'activity_date') }}
)

select
    windows.slice_type <> 'all' or rolled_up.product_id is not null as is_rollup,
    windows.activity_date,
    windows.activity_date < clock.last_date as is_complete,
    windows.product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    windows.slice_type,
    windows.slice_value,
    slices.slice_name,
    cast(windows.events as bigint) as events,
    cast(windows.events_split as decimal(18, 6)) as events_split,
    {% for count in ['dau', 'wau', 'mau_28d', 'mau_month', 'customers_day', 'customers_28d', 'dau_28d_sum'] %}
    cast(windows.{{ count }} as bigint) as {{ count }},
    {% endfor %}
    {{ guarded('stickiness_ratio', 'windows.dau_28d_sum', '(28 * windows.mau_28d)', 'windows.mau_28d', 'no_users') }},
    {{ guarded('wau_mau_ratio', 'windows.wau', 'windows.mau_28d', 'windows.mau_28d', 'no_users') }},
    clock.data_as_of,
    clock.loaded_at
from windows
cross join int_amplitude_clocks_read as clock
cross join int_policies_read as policy
left join rolled_up on windows.product_id = rolled_up.product_id and windows.activity_date = rolled_up.activity_date
left join dim_product as products on windows.product_id = products.product_id
left join int_slices_named as slices
    on windows.slice_type = slices.slice_type and windows.slice_value = slices.slice_value
where windows.mau_28d > 0 or windows.mau_month > 0
