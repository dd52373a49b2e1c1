select issue_id, timestamp_type, timestamp_number, week_start_date, sum(weight) as shares
from {{ ref('int_work_item_timestamps_attributed') }}
group by issue_id, timestamp_type, timestamp_number, week_start_date
having sum(weight) <> 1
