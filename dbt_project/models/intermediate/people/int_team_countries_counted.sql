-- Where the people of a team work today. Leaves the restricted database as shares of a team: no human and no pay.
with days as (
    select * from {{ ref('int_worker_days_placed') }}
),

today as (
    select max(work_date) as work_date from days
),

places as (
    select days.team_id, days.country, sum(days.fte) as fte
    from days
    inner join today on days.work_date = today.work_date
    where days.fte > 0
    group by days.team_id, days.country
)

select
    team_id,
    coalesce(country, 'UNMAPPED') as country,
    cast(fte as double) / cast(sum(fte) over (partition by team_id) as double) as team_share
from places
