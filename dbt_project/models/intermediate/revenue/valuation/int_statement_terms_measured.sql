-- What bills state, with how long each term is by its own days and what part of it is no tax.
with said as (
    select
        *,
        amount_minor - discount_minor as taxed_minor,
        coalesce(abs(amount_minor - discount_minor - included_tax_minor), 0) as untaxed_minor,
        case when included_tax_minor is null then 0 else abs(amount_minor - discount_minor) end as known_minor,
        cast({{ dbt.datediff('service_starts_at', 'service_ends_at', 'month') }} as bigint) as months,
        cast(round({{ milliseconds_between('service_starts_at', 'service_ends_at') }} / 86400000.0) as bigint) as days,
        -- From one day of a month to the same of another one, which may have no such day.
        extract(day from service_ends_at) = extract(day from service_starts_at)
        or (
            extract(day from service_ends_at) > extract(day from service_starts_at)
            and cast(service_starts_at as date) = {{ dbt.last_day('service_starts_at', 'month') }}
        )
        or (
            extract(day from service_ends_at) < extract(day from service_starts_at)
            and cast(service_ends_at as date) = {{ dbt.last_day('service_ends_at', 'month') }}
        ) as is_of_months
    from {{ ref('int_subscription_statements_read') }}
)

-- Tax is a share of what discounts leave. A bill over nothing does not show it, nor does what waits for one; others of
-- the item may.
select
    statement_id, subscription_item_id, invoice_id, price_id, product_key, currency, unit_amount_decimal, is_change,
    amount_minor, taxed_minor,
    {% for part, minor in [('untaxed_numerator', 'untaxed_minor'), ('untaxed_denominator', 'known_minor')] %}
    case when known_minor <> 0 then {{ minor }} else first_value({{ minor }}) over by_price end as {{ part }},
    {% endfor %}
    service_starts_at, service_ends_at, days, months, is_of_months
from said
window by_price as (
    partition by subscription_item_id, price_id
    order by case when known_minor = 0 then 1 else 0 end, service_starts_at, statement_id
)
