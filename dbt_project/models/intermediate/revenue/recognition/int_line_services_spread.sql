-- By days of service, UTC. What is invoiced later than it was served is served in the period of the invoice, so that a
-- closed period does not change; what has no days, because it was bought and not subscribed, is served on the day of
-- the bill.
with fct_invoice_line as (select * from {{ ref('fct_invoice_line') }}),
fct_credit_line as (select * from {{ ref('fct_credit_line') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),

lines as (
    select
        'invoice' as line_kind, invoice_line_id as line_id, billed_date, customer_key, product_key, currency, net_minor,
        cast(service_starts_at as date) as start_date, cast(service_ends_at as date) as end_date
    from fct_invoice_line
    where invoice_status not in ('draft', 'void')
    union all
    select
        'credit', credit_note_line_id, credited_date, customer_key, product_key, currency, -net_minor,
        cast(service_starts_at as date), cast(service_ends_at as date)
    from fct_credit_line
    where credit_note_status <> 'void'
),

dated as (
    select
        *,
        end_date > start_date as is_of_days,
        case
            when end_date > start_date
                then greatest(cast({{ dbt.dateadd('day', -1, 'end_date') }} as date), billed_date)
            else billed_date
        end as last_date
    from lines
),

bounded as (
    select
        lines.*,
        periods.fiscal_period,
        periods.as_of_date,
        case
            when periods.first_date <= lines.billed_date then lines.start_date
            else greatest(lines.start_date, periods.first_date)
        end as from_date,
        least(lines.end_date, cast({{ dbt.dateadd('day', 1, 'periods.last_date') }} as date)) as to_date
    from dated as lines
    inner join int_revenue_periods_ranged as periods
        on lines.billed_date <= periods.last_date and lines.last_date >= periods.first_date
),

spread as (
    select
        line_kind, line_id, fiscal_period, as_of_date, customer_key, product_key, currency, net_minor, start_date,
        case when is_of_days then {{ dbt.datediff('from_date', 'to_date', 'day') }} else 1 end as served_days,
        case when is_of_days then {{ dbt.datediff('start_date', 'end_date', 'day') }} else 1 end as service_days
    from bounded
)

select
    line_kind,
    line_id,
    fiscal_period,
    as_of_date,
    customer_key,
    product_key,
    start_date,
    currency,
    net_minor,
    cast(served_days as bigint) as served_days,
    cast(service_days as bigint) as service_days
from spread
where served_days > 0
