with fct_revenue_recognised as (select * from {{ ref('fct_revenue_recognised') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
int_recognition_periods_ranged as (select * from {{ ref('int_recognition_periods_ranged') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

sums as (
    select
        fiscal_period, product_id, segment, market, currency as home_currency,
        sum(amount_minor) as amount_minor,
        sum(case when is_account_mapped then 0 else amount_minor end) as of_unmapped_accounts_minor
    from fct_revenue_recognised
    group by fiscal_period, product_id, segment, market, currency
),

-- As late as its older half: the books are shared out by what billing served.
clock as (
    {{ oldest_of(['int_stripe_clocks_read', 'int_quickbooks_clocks_read']) }}
),

labelled as (
    {{ labelled('sums', 'int_recognition_periods_ranged', 'clock', currency='cells.home_currency') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.segment,
    labelled.segment_name,
    labelled.market,
    labelled.market_name,
    {% for measure, minor in [('recognised_revenue', 'amount_minor'),
        ('of_unmapped_accounts', 'of_unmapped_accounts_minor')] %}
    {{ in_units('labelled.' ~ minor, 'labelled') }} as {{ measure }},
    {% endfor %}
    labelled.currency,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
left join stg_quickbooks__preferences as preferences on true
where labelled.amount_minor <> 0 or labelled.of_unmapped_accounts_minor <> 0
