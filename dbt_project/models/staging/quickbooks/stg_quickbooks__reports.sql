{% for stream in ['trial_balances', 'profit_and_loss_by_class', 'general_ledgers'] %}
select
    '{{ stream }}' as stream,
    record_id as report_id,
    first_date,
    last_date,
    basis,
    currency,
    report_columns,
    report_rows,
    reported_at,
    extracted_at,
    load_id
from {{ ref('base_quickbooks__' ~ stream) }}
where not is_deleted and quarantine_reason is null
{{ 'union all' if not loop.last }}
{% endfor %}
