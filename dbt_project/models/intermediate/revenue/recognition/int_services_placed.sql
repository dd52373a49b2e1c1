-- What was served, by whom it was served to. Days of service have no denominator in common, so each line is rounded to
-- whole minor units before anything is added up. A place that was credited more than it was served has no share; it
-- does not take from others.
with int_line_services_spread as (select * from {{ ref('int_line_services_spread') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),
int_revenue_products_resolved as (select * from {{ ref('int_revenue_products_resolved') }}),
int_billing_accounts_resolved as (select * from {{ ref('int_billing_accounts_resolved') }}),

converted as (
    select
        spread.fiscal_period,
        coalesce(products.product_id, 'UNMAPPED') as product_id,
        coalesce(accounts.segment, 'UNMAPPED') as segment,
        coalesce(accounts.market, 'UNMAPPED') as market,
        {{ whole('spread.net_minor') }} * spread.served_days
            * {{ whole('coalesce(products.weight, 1) * 1000000') }} as weighted_minor,
        spread.service_days,
        case
            when rates.actual_numerator is null
                then {{ stop("'no rate of ' || spread.currency || ' in ' || spread.fiscal_period || "
                    ~ rate_remedy('actual')) }}
            else {{ whole('rates.actual_numerator') }}
        end as rate_numerator,
        {{ whole('rates.actual_denominator') }} as rate_denominator
    from int_line_services_spread as spread
    left join int_revenue_rates_resolved as rates
        on spread.fiscal_period = rates.fiscal_period and spread.currency = rates.currency
    left join int_revenue_products_resolved as products
        on spread.product_key = products.place_key and spread.start_date = products.mapping_date
    left join int_billing_accounts_resolved as accounts
        on spread.customer_key = accounts.customer_key and spread.as_of_date = accounts.mapping_date
)

select
    fiscal_period,
    product_id,
    segment,
    market,
    cast(
        sum({{ half_even('weighted_minor * rate_numerator', 'service_days * 1000000 * rate_denominator') }}) as bigint
    ) as served_minor
from converted
group by fiscal_period, product_id, segment, market
having sum({{ half_even('weighted_minor * rate_numerator', 'service_days * 1000000 * rate_denominator') }}) > 0
