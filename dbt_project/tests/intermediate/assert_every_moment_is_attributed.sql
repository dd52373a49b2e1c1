-- Red means: work got lost between where it stood and the product it counts to.
{{ config(meta={'dagster': {'ref': {'name': 'int_work_item_moments_attributed'}}}) }}
select located.issue_id, located.moment, located.moment_number, located.week_start_date
from {{ ref('int_work_item_moments_located') }} as located
left join {{ ref('int_work_item_moments_attributed') }} as attributed
    on located.issue_id = attributed.issue_id and located.moment = attributed.moment
    and located.moment_number = attributed.moment_number and located.week_start_date = attributed.week_start_date
where attributed.issue_id is null
