select
    record_id as employee_id,
    first_name,
    last_name,
    work_email,
    activity_status,
    hire_date,
    job_title,
    department,
    division,
    location,
    manager_employee_id,
    load_id
from {{ ref('base_bamboohr__employees') }}
where not is_deleted and quarantine_reason is null
