-- Each item that is held when a period ends: what it is agreed and billed at by the month, and what is lost of that by
-- the bill for its newest service.
with fct_subscription_interval as {{ inlined() }} (select * from {{ ref('fct_subscription_interval') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_subscription_items_split as (select * from {{ ref('int_subscription_items_split') }}),
int_bill_losses_measured as (select * from {{ ref('int_bill_losses_measured') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

agreed as (
    select subscription_item_id, price_id, min(valid_from) as agreed_at
    from fct_subscription_interval
    group by subscription_item_id, price_id
),

held as (
    select
        periods.fiscal_period, periods.as_of_date, periods.ends_at,
        items.subscription_id, items.subscription_item_id, items.customer_key, items.product_key, items.price_id,
        items.interval_unit, items.interval_count,
        items.currency, items.quantity, items.mrr_minor, agreed.agreed_at,
        {{ whole('items.term_amount_minor') }} * case
            when items.interval_unit in ('day', 'week') then 365
            else 1
        end as contract_numerator,
        {{ whole('items.interval_count') }}
        * case items.interval_unit
            when 'month' then 1
            when 'year' then 12
            when 'week' then 12 * 7
            when 'day' then 12
        end as contract_denominator,
        stretches.uncredited_numerator as invoice_numerator,
        stretches.uncredited_denominator as invoice_denominator
    from int_revenue_periods_ranged as periods
    inner join fct_subscription_interval as items
        on items.valid_from < periods.ends_at and periods.ends_at <= items.valid_to
    inner join agreed on items.subscription_item_id = agreed.subscription_item_id and items.price_id = agreed.price_id
    inner join int_subscription_items_split as stretches
        on items.subscription_item_id = stretches.subscription_item_id
        and stretches.valid_from < periods.ends_at and periods.ends_at <= stretches.valid_to
),

priced as (
    select
        held.*,
        {{ half_even('contract_numerator', 'contract_denominator') }} as contract_minor,
        {{ half_even('invoice_numerator', 'invoice_denominator') }} as invoice_minor
    from held
),

billed as (
    select
        priced.*,
        {% for lost in lost_amounts() %}
        bills.{{ lost }}_minor as bill_{{ lost }}_minor,
        coalesce(bills.{{ lost }}_of_minor, 1) as bill_{{ lost }}_of_minor,
        {% endfor %}
        row_number() over (
            partition by priced.fiscal_period, priced.subscription_item_id
            order by bills.service_starts_at desc nulls last, bills.invoice_line_id desc
        ) as newness
    from priced
    left join int_bill_losses_measured as bills
        on priced.subscription_item_id = bills.subscription_item_id
        and bills.service_starts_at < priced.ends_at and priced.ends_at <= bills.service_ends_at
)

select
    billed.fiscal_period,
    billed.as_of_date,
    billed.subscription_id,
    billed.subscription_item_id,
    billed.customer_key,
    billed.product_key,
    billed.price_id,
    billed.interval_unit,
    billed.interval_count,
    billed.currency,
    billed.quantity,
    cast({{ to_local('billed.agreed_at', 'clock.reporting_time_zone') }} as date) as agreed_date,
    billed.contract_minor,
    billed.invoice_minor,
    {% for lost in lost_amounts() %}
    {{ 'billed.invoice_minor - billed.mrr_minor +' if lost == 'credit' }}
    {{ half_even(whole('billed.invoice_minor') ~ ' * coalesce(billed.bill_' ~ lost ~ '_minor, 0)',
        'billed.bill_' ~ lost ~ '_of_minor') }} as {{ lost }}_minor,
    {% endfor %}
    -- A price, not money: what a unit is billed at, in parts of a minor unit.
    cast(billed.invoice_numerator as double) / cast(billed.invoice_denominator as double)
        / cast(billed.quantity as double) as unit_price
from billed
cross join int_stripe_clocks_read as clock
where billed.newness = 1
