-- Pay of a year, exactly: rates have up to twelve decimals, and nothing is rounded before it is converted.
with rows_of_pay as (
    select
        employee_id, valid_from, valid_to, currency, rate_amount,
        {{ written_alike('pay_type') }} like 'commission%' and rate_amount is null as is_commission_alone,
        {{ times_a_year('paid_per', 'pay_schedule', 'pay_type') }} as times,
        coalesce({{ written_alike('paid_per') }}, {{ written_alike('pay_type') }}) in ('hour', 'hourly', 'day')
            as is_by_time_worked
    from {{ ref('stg_bamboohr__compensation') }}
    where valid_from < valid_to
),

valued as (
    select
        paid.employee_id, paid.valid_from, paid.valid_to,
        coalesce(paid.is_by_time_worked, false) as is_by_time_worked,
        case
            when paid.is_commission_alone then 'commission'
            when paid.rate_amount is null then 'no_rate'
            when paid.currency is null then 'no_currency'
            when paid.times is null then 'no_factor'
            else 'rate'
        end as basis,
        paid.currency,
        {{ trillionths('paid.rate_amount') }} * paid.times * cast(power(10, currencies.minor_unit_exponent) as bigint)
            as yearly_trillionths
    from rows_of_pay as paid
    left join {{ ref('currencies') }} as currencies on paid.currency = currencies.currency
)

select
    employee_id, valid_from, valid_to, basis, is_by_time_worked,
    case when basis = 'rate' then currency end as currency,
    case basis
        when 'commission' then cast(0 as decimal(38, 0))
        when 'rate' then
            cast({{ whole_quotient('yearly_trillionths', common_divisor('yearly_trillionths', trillion())) }}
                as decimal(38, 0))
    end as yearly_pay_numerator,
    cast({{ whole_quotient(whole(trillion()), common_divisor('coalesce(yearly_trillionths, 0)', trillion())) }}
        as decimal(38, 0)) as yearly_pay_denominator
from valued
union all
-- What somebody was paid before the first row nobody knows.
select
    employee_id, date '0001-01-01', min(valid_from), 'no_row', false, null, null, cast(1 as decimal(38, 0))
from valued
group by employee_id
having min(valid_from) > date '0001-01-01'
