with sums as (
    select
        fiscal_period, product_id, segment, market, currency,
        sum(amount_minor) as amount_minor,
        sum(case when is_account_mapped then 0 else amount_minor end) as of_unmapped_accounts_minor
    from {{ ref('fct_revenue_recognised') }}
    group by fiscal_period, product_id, segment, market, currency
),

-- As late as its older half: the books are shared out by what billing served.
clock as (
    select least(billing.data_as_of, books.data_as_of) as data_as_of
    from {{ ref('int_stripe_clocks_read') }} as billing
    cross join (select max(updated_at) as data_as_of from {{ ref('stg_quickbooks__documents') }}) as books
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
    {% for measure, minor in [('recognised_revenue', 'amount_minor'), ('of_unmapped_accounts', 'of_unmapped_accounts_minor')] %}
    {{ in_units('sums.' ~ minor, 'currencies') }} as {{ measure }},
    {% endfor %}
    sums.currency,
    coalesce(periods.last_date <= preferences.book_close_date, false) as is_closed,
    clock.data_as_of
from sums
inner join {{ ref('int_recognition_periods_ranged') }} as periods on sums.fiscal_period = periods.fiscal_period
inner join {{ ref('currencies') }} as currencies on sums.currency = currencies.currency
cross join clock
left join {{ ref('stg_quickbooks__preferences') }} as preferences on true
left join {{ ref('dim_product') }} as products on sums.product_id = products.product_id and products.is_current
left join {{ ref('int_product_portfolios_ranged') }} as portfolios
    on sums.product_id = portfolios.product_id and {{ valid_on('portfolios', 'periods.as_of_date') }}
where sums.amount_minor <> 0 or sums.of_unmapped_accounts_minor <> 0
