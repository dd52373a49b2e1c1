-- The version of allocation_rules.yml that is valid on a period's first day rules the whole period.
select
    periods.fiscal_period,
    periods.as_of_date,
    rules.rules_version,
    rules.payroll_by_function,
    rules.classed_payroll,
    rules.shared_method,
    rules.shared_driver,
    rules.overhead_driver
from {{ ref('int_fiscal_periods_begun') }} as periods
inner join {{ ref('stg_files__allocation_rules') }} as rules on {{ valid_on('rules', 'periods.first_date') }}
