{% set means %}
Red: a mapping gives away more or less than the whole of an issue, so products do not add up to the company.
{% endset %}
{{ config(meta={'description': means}) }}
select issue_id, timestamp_type, timestamp_number, week_start_date, sum(weight) as shares
from {{ ref('int_work_item_timestamps_attributed') }}
group by issue_id, timestamp_type, timestamp_number, week_start_date
having sum(weight) <> 1
