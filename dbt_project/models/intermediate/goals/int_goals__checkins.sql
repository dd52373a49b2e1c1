{{ config(materialized='view') }}

-- Values that people wrote down. A field shows what it showed before, so the first day of a key result in Jira has the
-- last value from before it; of one day the file's check-in comes last. One without any number is done or not.
with stg_files__checkins as (select * from {{ ref('stg_files__checkins') }}),
int_goals__issues as (select * from {{ ref('int_goals__issues') }}),
int_goals__issue_numbers as (select * from {{ ref('int_goals__issue_numbers') }}),
int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),

results as (
    select issues.*, results.first_date, results.kr_type
    from int_goals__issues as issues
    inner join int_goals__key_results as results on issues.goal_id = results.key_result_id
),

shown as (
    select numbers.goal_id, greatest(numbers.since_date, results.first_date) as day, numbers.place, numbers.number
    from int_goals__issue_numbers as numbers
    inner join results on numbers.goal_id = results.goal_id
    where numbers.field = 'current_value' and results.kr_type <> 'binary'
        and (numbers.number is not null or numbers.place > 0)
    union all
    select goal_id, first_date, 0, 0 from results where kr_type = 'binary'
    union all
    select goal_id, greatest(closed_date, first_date), 1, 1
    from results
    where kr_type = 'binary' and closed_date is not null and not is_not_done
)

select kr_id, checkin_date, place, checkin_value, overrides from stg_files__checkins
union all
select
    goal_id, day, row_number() over (partition by goal_id, day order by place) - 1000000,
    cast(number as decimal(18, 6)), false
from shown
