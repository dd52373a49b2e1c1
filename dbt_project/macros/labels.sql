{#
    The names that marts put beside ids: period, product, portfolio, currency and how new the data is.
    Belongs here: the joins that every mart by fiscal period and product ends with. Does not: any figure.
#}

{#
    The rows of a relation (fiscal_period, product_id, …) with the labels of their period and product, and the currency
    of their amounts with its exponent. `periods` and `clock` are relations; `currency` is an expression over `cells`
    and `clock`. A product that the catalogue does not know has no name and stays.
#}
{% macro labelled(relation, periods, clock, currency='clock.reporting_currency') -%}
select
    cells.*,
    periods.fiscal_year,
    periods.prior_fiscal_period,
    periods.last_date as period_end_date,
    periods.is_complete,
    products.product_name,
    products.level as product_level,
    products.portfolio_id,
    as_was.portfolio_id as portfolio_id_as_was,
    currencies.currency,
    currencies.minor_unit_exponent,
    clock.data_as_of,
    clock.loaded_at
from {{ relation }} as cells
inner join {{ periods }} as periods on cells.fiscal_period = periods.fiscal_period
cross join {{ clock }} as clock
inner join {{ ref('dim_currency') }} as currencies on {{ currency }} = currencies.currency
left join {{ ref('dim_product') }} as products on cells.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_ranged') }} as as_was
    on cells.product_id = as_was.product_id and {{ valid_on('as_was', 'periods.as_of_date') }}
{%- endmacro %}
