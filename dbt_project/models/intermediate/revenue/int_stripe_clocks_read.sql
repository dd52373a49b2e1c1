-- The run's clock at the last load in which Stripe had news: figures of the running period go up to then.
with clock as (
    select max(extracted_at) as extracted_at
    from (
        {% for stream in ['balance_transactions', 'charges', 'coupons', 'credit_note_lines', 'credit_notes', 'customers', 'invoice_items', 'invoice_lines',
            'invoice_payments', 'invoices', 'prices', 'products', 'refunds', 'subscription_items', 'subscriptions'] %}
        select max(extracted_at) as extracted_at from {{ ref('base_stripe__' ~ stream) }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as streams
),

utc as (
    select {{ to_utc_clock('extracted_at') }} as data_as_of from clock
)

select
    utc.data_as_of,
    cast({{ to_local('utc.data_as_of', 'policy.reporting_time_zone') }} as date) as as_of_date,
    policy.reporting_time_zone,
    policy.reporting_currency
from utc
cross join {{ ref('int_revenue_policies_read') }} as policy
