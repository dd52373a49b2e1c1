-- Ranges of days of a worker over which nothing changes that a model shares a day by, nor whether work on an epic is
-- capitalised. Days are counted here, once: what follows has ranges. A working day is one of Monday to Friday that is
-- no holiday; of a day that is leave in part, and of somebody who works in part, the rest counts.
with int_worker_days_placed as {{ inlined() }} (select * from {{ ref('int_worker_days_placed') }}),
int_worker_items_ranged as {{ inlined() }} (select * from {{ ref('int_worker_items_ranged') }}),
int_worker_acts_weighed as (select * from {{ ref('int_worker_acts_weighed') }}),
stg_files__team_products as (select * from {{ ref('stg_files__team_products') }}),
int_capex_windows_resolved as (select * from {{ ref('int_capex_windows_resolved') }}),

days as (
    select
        worker_id, work_date, fiscal_period, team_id, function_name,
        {{ half_even(whole('fte * 1000000') ~ ' * (1000000 - ' ~ whole('leave_share * 1000000') ~ ')', '1000000') }}
            as capacity_millionths,
        lag(team_id) over (partition by worker_id order by work_date) as team_before,
        lag(function_name) over (partition by worker_id order by work_date) as function_before
    from int_worker_days_placed
    where is_working_day and leave_share < 1 and fte > 0
),

items as (
    select worker_id, valid_from as cut_date from int_worker_items_ranged
    union
    select worker_id, valid_to from int_worker_items_ranged
    union
    select items.worker_id, turns.turn_date
    from int_worker_items_ranged as items
    inner join (
        select epic_id, begins_date as turn_date from int_capex_windows_resolved
        union
        select epic_id, ends_date from int_capex_windows_resolved
    ) as turns on items.epic_id = turns.epic_id and {{ valid_on('items', 'turns.turn_date') }}
),

acts as (
    select distinct act_type, worker_id, act_date as cut_date from int_worker_acts_weighed
    union
    select act_type, worker_id, cast({{ dbt.dateadd('day', 1, 'act_date') }} as date) from int_worker_acts_weighed
),

teams as (
    select distinct team_id, valid_from as cut_date from stg_files__team_products
    union
    select team_id, valid_to from stg_files__team_products
),

cuts as (
    select 'items' as basis, worker_id, cut_date from items
    union
    select 'changes', worker_id, cut_date from items
    union
    select act_type, worker_id, cut_date from acts
    union
    select 'declared', workers.worker_id, teams.cut_date
    from (select distinct worker_id, team_id from days) as workers
    inner join teams on workers.team_id = teams.team_id
),

timeline as (
    select
        bases.basis, days.worker_id, days.work_date, 1 as place, days.fiscal_period, days.team_id, days.function_name,
        days.capacity_millionths,
        case
            when days.team_before <> days.team_id or days.function_before <> days.function_name then 1 else 0
        end as is_cut
    from days
    cross join (
        select 'items' as basis union all select 'changes' union all select 'worklogs' union all select 'declared'
    ) as bases
    union all
    select basis, worker_id, cut_date, 0, null, null, null, null, 1 from cuts
),

numbered as (
    select
        *,
        sum(is_cut) over (
            partition by basis, worker_id order by work_date, place rows between unbounded preceding and current row
        ) as range_number
    from timeline
)

select
    basis,
    worker_id,
    min(work_date) as valid_from,
    cast({{ dbt.dateadd('day', 1, 'max(work_date)') }} as date) as valid_to,
    fiscal_period,
    team_id,
    function_name,
    cast(count(*) as bigint) as working_days,
    cast(sum(capacity_millionths) as bigint) as capacity_millionths
from numbered
where place = 1
group by basis, worker_id, range_number, fiscal_period, team_id, function_name
