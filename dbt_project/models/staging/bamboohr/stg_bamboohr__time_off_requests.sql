select
    record_id as request_id,
    employee_id,
    request_status,
    first_date,
    last_date,
    time_off_type,
    unit,
    amount,
    amount_by_date,
    load_id
from {{ ref('base_bamboohr__time_off_requests') }}
where not is_deleted and quarantine_reason is null
