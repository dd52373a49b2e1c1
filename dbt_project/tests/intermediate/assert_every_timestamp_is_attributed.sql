{% set means %}
Red: work got lost between where it stood and the product that it counts to, so throughput and work in progress are
too low.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'int_work_item_timestamps_attributed'}}, 'description': means}) }}
select located.issue_id, located.timestamp_type, located.timestamp_number, located.week_start_date
from {{ ref('int_work_item_timestamps_located') }} as located
left join {{ ref('int_work_item_timestamps_attributed') }} as attributed
    on located.issue_id = attributed.issue_id and located.timestamp_type = attributed.timestamp_type
    and located.timestamp_number = attributed.timestamp_number and located.week_start_date = attributed.week_start_date
where attributed.issue_id is null
