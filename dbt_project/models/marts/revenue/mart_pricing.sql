{% set least_freedom = 3 %}
{% set amounts = ['contract', 'invoice', 'credit', 'refund', 'fee', 'write_off', 'pocket'] %}
with fct_price_observation as (select * from {{ ref('fct_price_observation') }}),
int_market_prices_compared as (select * from {{ ref('int_market_prices_compared') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
int_price_indices_chained as (select * from {{ ref('int_price_indices_chained') }}),

sums as (
    select
        fiscal_period, product_id, segment, market,
        count(*) as observations,
        count(*) - count(list_minor) as observations_without_list,
        cast(sum(quantity) as decimal(38, 12)) as units,
        coalesce(sum(list_plan_minor), 0) as list_minor,
        {% for amount in ['contract', 'invoice', 'pocket'] %}
        coalesce(
            sum(case when list_minor is not null then {{ amount }}_plan_minor end), 0
        ) as listed_{{ amount }}_minor,
        {% endfor %}
        {% for amount in amounts %}
        sum({{ amount }}_plan_minor) as {{ amount }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from fct_price_observation
    group by fiscal_period, product_id, segment, market
),

compared as (
    select
        markets.*,
        markets.market_observations >= policy.price_min_observations
            and markets.reference_observations >= policy.price_min_observations
            and markets.degrees_of_freedom >= {{ least_freedom }} as is_shown
    from int_market_prices_compared as markets
    cross join int_policies_read as policy
),

labelled as (
    {{ labelled('sums', 'int_revenue_periods_ranged', 'int_stripe_clocks_read') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.segment,
    labelled.segment_name,
    labelled.market,
    labelled.market_name,
    labelled.observations,
    labelled.observations_without_list,
    labelled.units,
    {% for amount in ['list', 'listed_contract', 'listed_invoice', 'listed_pocket'] + amounts %}
    {{ in_units('labelled.' ~ amount ~ '_minor', 'labelled') }} as {{ amount }}_amount,
    {% endfor %}
    labelled.currency,
    {% set listed = 'labelled.observations - labelled.observations_without_list' %}
    {% for ratio, part, whole_amount, n, empty in [
        ('list_discount_ratio', '(labelled.list_minor - labelled.listed_contract_minor)', 'list', listed,
            'no_list_price'),
        ('invoice_discount_ratio', '(labelled.contract_minor - labelled.invoice_minor)', 'contract',
            'labelled.observations', 'no_contract_price'),
        ('realised_ratio', 'labelled.listed_invoice_minor', 'list', listed, 'no_list_price'),
        ('pocket_ratio', 'labelled.listed_pocket_minor', 'list', listed, 'no_list_price'),
    ] %}
    {{ guarded(ratio, part, 'labelled.' ~ whole_amount ~ '_minor', n, empty) }},
    {% endfor %}
    cast(labelled.invoice_minor as double) / power(10, labelled.minor_unit_exponent) / labelled.units as unit_price,
    indices.price_index,
    indices.base_fiscal_period as price_index_base_period,
    {% for of, reference in [('market', 'reference'), ('segment', 'segment_reference')] %}
    coalesce(in_{{ of }}.market_observations, 0) as {{ of }}_observations,
    coalesce(in_{{ of }}.reference_observations, 0) as {{ reference }}_observations,
    {% for bound, width in [('', ''), ('_low', ' - in_' ~ of ~ '.half_width'),
        ('_high', ' + in_' ~ of ~ '.half_width')] %}
    case
        when in_{{ of }}.is_shown then exp(in_{{ of }}.log_difference{{ width }})
    end as {{ of }}_price_ratio{{ bound }},
    {% endfor %}
    case
        when in_{{ of }}.is_shown then null
        when in_{{ of }}.market is null then 'no_matched_segment'
        else 'too_few_observations'
    end as {{ of }}_price_ratio_suppressed_reason,
    {% endfor %}
    labelled.data_as_of,
    labelled.loaded_at
from labelled
cross join int_policies_read as policy
inner join int_price_indices_chained as indices
    on labelled.fiscal_period = indices.fiscal_period and labelled.product_id = indices.product_id
{% for of, segment in [('market', "'ALL'"), ('segment', 'labelled.segment')] %}
left join compared as in_{{ of }}
    on labelled.fiscal_period = in_{{ of }}.fiscal_period and labelled.product_id = in_{{ of }}.product_id
    and labelled.market = in_{{ of }}.market and in_{{ of }}.segment = {{ segment }}
{% endfor %}
