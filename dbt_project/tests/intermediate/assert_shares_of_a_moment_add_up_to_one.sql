-- Red means: a mapping gives away more or less than the whole of an issue, so products do not add up to the company.
select issue_id, moment, moment_number, week_start_date, sum(weight) as shares
from {{ ref('int_work_item_moments_attributed') }}
group by issue_id, moment, moment_number, week_start_date
having sum(weight) <> 1
