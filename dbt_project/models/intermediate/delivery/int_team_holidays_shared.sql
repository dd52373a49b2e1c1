-- Weekdays on which a part of a team is away, in the past and ahead, by where its people are today.
with int_team_countries_counted as (select * from {{ ref('int_team_countries_counted') }}),
stg_files__holidays as (select * from {{ ref('stg_files__holidays') }}),

holidays as (
    select distinct country, holiday_date
    from stg_files__holidays
    where {{ dbt.datediff(dbt.date_trunc('week', 'holiday_date'), 'holiday_date', 'day') }} < 5
)

select
    places.team_id,
    holidays.holiday_date,
    sum(places.team_share) as closed_share
from holidays
inner join int_team_countries_counted as places on holidays.country = places.country
group by places.team_id, holidays.holiday_date
