select
    rules_version,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    shared_method,
    shared_driver,
    overhead_driver,
    payroll_by_function,
    classed_payroll,
    load_id
from {{ ref('base_files__allocation_rules') }}
where not is_deleted and quarantine_reason is null
