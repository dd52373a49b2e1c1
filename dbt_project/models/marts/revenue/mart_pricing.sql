{% set least_freedom = 3 %}
{% set amounts = ['contract', 'invoice', 'credit', 'refund', 'fee', 'write_off', 'pocket'] %}
with sums as (
    select
        fiscal_period, product_id, segment, market,
        count(*) as observations,
        count(*) - count(list_minor) as observations_without_list,
        cast(sum(quantity) as bigint) as units,
        coalesce(sum(list_plan_minor), 0) as list_minor,
        {% for amount in ['contract', 'invoice', 'pocket'] %}
        coalesce(sum(case when list_minor is not null then {{ amount }}_plan_minor end), 0) as listed_{{ amount }}_minor,
        {% endfor %}
        {% for amount in amounts %}
        sum({{ amount }}_plan_minor) as {{ amount }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_price_observation') }}
    group by fiscal_period, product_id, segment, market
),

compared as (
    select
        markets.*,
        markets.market_observations >= policy.price_min_observations and markets.reference_observations >= policy.price_min_observations
            and markets.degrees_of_freedom >= {{ least_freedom }} as is_shown
    from {{ ref('int_market_prices_compared') }} as markets
    cross join {{ ref('int_policies_read') }} as policy
)

select
    sums.fiscal_period,
    periods.fiscal_year,
    sums.product_id,
    products.product_name,
    products.level as product_level,
    products.portfolio_id,
    portfolios.portfolio_id as portfolio_id_as_was,
    sums.segment,
    sums.market,
    sums.observations,
    sums.observations_without_list,
    sums.units,
    {% for amount in ['list', 'listed_contract', 'listed_invoice', 'listed_pocket'] + amounts %}
    {{ in_units('sums.' ~ amount ~ '_minor', 'currencies') }} as {{ amount }}_amount,
    {% endfor %}
    clock.reporting_currency as currency,
    {% for ratio, part, whole_amount in [
        ('list_discount_ratio', 'sums.list_minor - sums.listed_contract_minor', 'list'),
        ('invoice_discount_ratio', 'sums.contract_minor - sums.invoice_minor', 'contract'),
        ('realised_ratio', 'sums.listed_invoice_minor', 'list'),
        ('pocket_ratio', 'sums.listed_pocket_minor', 'list'),
    ] %}
    cast({{ part }} as double) / nullif(sums.{{ whole_amount }}_minor, 0) as {{ ratio }},
    {% endfor %}
    case when sums.list_minor = 0 then 'no_list_price' end as realised_reason,
    cast(sums.invoice_minor as double) / power(10, currencies.minor_unit_exponent) / sums.units as unit_price,
    indices.price_index,
    indices.base_fiscal_period as price_index_base_period,
    {% for of, reference in [('market', 'reference'), ('segment', 'segment_reference')] %}
    coalesce(in_{{ of }}.market_observations, 0) as {{ of }}_observations,
    coalesce(in_{{ of }}.reference_observations, 0) as {{ reference }}_observations,
    {% for bound, width in [('', ''), ('_low', ' - in_' ~ of ~ '.half_width'), ('_high', ' + in_' ~ of ~ '.half_width')] %}
    case when in_{{ of }}.is_shown then exp(in_{{ of }}.log_difference{{ width }}) end as {{ of }}_price_ratio{{ bound }},
    {% endfor %}
    case when in_{{ of }}.is_shown then null when in_{{ of }}.market is null then 'no_matched_segment' else 'too_few_observations' end as {{ of }}_price_reason,
    {% endfor %}
    clock.data_as_of
from sums
cross join {{ ref('int_stripe_clocks_read') }} as clock
inner join {{ ref('currencies') }} as currencies on clock.reporting_currency = currencies.currency
inner join {{ ref('int_revenue_periods_ranged') }} as periods on sums.fiscal_period = periods.fiscal_period
inner join {{ ref('int_price_indices_chained') }} as indices on sums.fiscal_period = indices.fiscal_period and sums.product_id = indices.product_id
{% for of, segment in [('market', "'ALL'"), ('segment', 'sums.segment')] %}
left join compared as in_{{ of }}
    on sums.fiscal_period = in_{{ of }}.fiscal_period and sums.product_id = in_{{ of }}.product_id and sums.market = in_{{ of }}.market
    and in_{{ of }}.segment = {{ segment }}
{% endfor %}
left join {{ ref('dim_product') }} as products on sums.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_resolved') }} as portfolios
    on sums.product_id = portfolios.product_id and periods.as_of_date = portfolios.mapping_date
