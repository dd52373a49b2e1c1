{% set months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
    'November', 'December'] %}
select
    record_id as company_id,
    company_name,
    country,
    case fiscal_year_start_month
        {% for month in months %}
        when '{{ month }}' then {{ loop.index }}
        {% endfor %}
    end as fiscal_year_start_month,
    updated_at,
    load_id
from {{ ref('base_quickbooks__company_info') }}
where not is_deleted and quarantine_reason is null
