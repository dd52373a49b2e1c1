{{ config(materialized='view') }}

-- A line's product is asked for on the first day of what it bills, an invoice's customer on the day it was made. Money
-- is counted on both sides of zero: what was billed and taken back needed its key twice.
with stg_stripe__invoices as (select * from {{ ref('stg_stripe__invoices') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__products as (select * from {{ ref('stg_stripe__products') }}),
stg_stripe__customers as (select * from {{ ref('stg_stripe__customers') }}),

invoices as (
    select
        invoices.*,
        cast({{ to_local('invoices.created_at', 'policy.reporting_time_zone') }} as date) as invoice_date
    from stg_stripe__invoices as invoices
    cross join int_policies_read as policy
),

lines as (
    select
        lines.product_id,
        lines.currency,
        lines.amount_minor,
        cast({{ to_local('lines.service_starts_at', 'policy.reporting_time_zone') }} as date) as service_date
    from stg_stripe__invoice_lines as lines
    cross join int_policies_read as policy
),

uses as (
    select
        'product_map' as map_file, 'product' as object_type, lines.product_id as map_key,
        products.product_name as key_name, 'invoice lines' as use_kind,
        lines.currency, lines.amount_minor,
        {{ is_mapped('stripe', 'product', 'lines.product_id', 'lines.service_date') }} as is_mapped
    from lines
    left join stg_stripe__products as products on lines.product_id = products.product_id
    union all
    select
        'customer_map', 'customer', invoices.customer_id, customers.customer_name, 'invoices',
        invoices.currency, invoices.total_minor,
        {{ has_customer('stripe', 'invoices.customer_id', 'invoices.invoice_date') }}
    from invoices
    left join stg_stripe__customers as customers on invoices.customer_id = customers.customer_id
)

select
    uses.map_file,
    'stripe' as mapped_source,
    uses.object_type,
    uses.map_key,
    max(uses.key_name) as key_name,
    uses.use_kind,
    count(*) as uses,
    count(case when not uses.is_mapped then 1 end) as unmapped_uses,
    -- One amount without a rate, and the sum would look smaller than it is.
    case
        when count(case when not uses.is_mapped then 1 end) = count(case when not uses.is_mapped then rates.worth end)
            then coalesce(sum(case when not uses.is_mapped then abs(uses.amount_minor) * rates.worth end), 0)
    end as unmapped_amount
from uses
left join {{ worth_about() }} as rates on uses.currency = rates.currency
group by uses.map_file, uses.object_type, uses.map_key, uses.use_kind
