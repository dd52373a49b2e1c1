{{ config(materialized='view') }}

-- Of how many issues the changelog lacked a step of a field, which the issue itself, or its next step, shows.
{% for field, metric in {
    'status': 'statuses', 'project': 'projects', 'epic': 'epics', 'sprint': 'sprints', 'team': 'teams',
}.items() %}
select
    'reconciled_{{ metric }}' as metric_id,
    count(distinct case when is_reconciled then issue_id end) as numerator,
    count(distinct issue_id) as denominator
from {{ ref('int_issue_fields_ranged') }}
where field = '{{ field }}'
{{ 'union all' if not loop.last }}
{% endfor %}
