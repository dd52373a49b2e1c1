{%- set lines = ['cost_of_revenue', 'research_and_development', 'sales_and_marketing', 'general_and_administrative'] -%}
{#- A figure that lacks the remainder would be too small a cost, or too large a profit. -#}
{%- set shown = "(case when coalesce(judged.remainder, 'own') <> 'withheld' then " -%}
with int_product_costs_summed as (select * from {{ ref('int_product_costs_summed') }}),
fct_revenue_recognised as (select * from {{ ref('fct_revenue_recognised') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_capex_assets_rolled as (select * from {{ ref('int_capex_assets_rolled') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
int_remainders_judged as (select * from {{ ref('int_remainders_judged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

entries as (
    select
        fiscal_period, product_id, currency as home_currency, 'recognised_revenue' as statement_line,
        false as is_traced, false as is_depreciation, false as is_of_unmapped_account, amount_minor
    from fct_revenue_recognised
    union all
    select
        fiscal_period, product_id, currency, statement_line, stage in ('direct', 'team'), is_depreciation,
        statement_group = 'UNMAPPED', amount_minor
    from int_product_costs_summed
    union all
    select
        assets.fiscal_period, assets.product_id, assets.currency, 'capitalised', false, false, false,
        assets.capitalised_minor
    from int_capex_assets_rolled as assets
    inner join int_policies_read as policy on assets.regime = policy.capex_regime
),

sums as (
    select
        fiscal_period, product_id, home_currency,
        {% for line in ['recognised_revenue', 'capitalised'] + lines %}
        sum(case when statement_line = '{{ line }}' then amount_minor else 0 end) as {{ line }}_minor,
        {% endfor %}
        {% for line in ['research_and_development', 'sales_and_marketing'] %}
        sum(case when statement_line = '{{ line }}' and is_traced then amount_minor else 0 end)
            as {{ line }}_direct_minor,
        {% endfor %}
        sum(case when is_depreciation then amount_minor else 0 end) as depreciation_minor,
        sum(case when is_of_unmapped_account then amount_minor else 0 end) as of_unmapped_accounts_minor
    from entries
    group by fiscal_period, product_id, home_currency
),

added_up as (
    select
        *,
        recognised_revenue_minor - cost_of_revenue_minor as gross_profit_minor,
        research_and_development_minor - research_and_development_direct_minor as research_and_development_shared_minor,
        research_and_development_minor + sales_and_marketing_minor + general_and_administrative_minor
            as operating_expense_minor
    from sums
),

-- As late as its oldest part: billing shares revenue out, people the cost.
clock as (
    select
        least(books.data_as_of, billing.data_as_of, people.data_as_of) as data_as_of,
        least(books.loaded_at, billing.loaded_at, people.loaded_at) as loaded_at
    from int_quickbooks_clocks_read as books
    cross join int_stripe_clocks_read as billing
    cross join int_bamboohr_clocks_read as people
),

labelled as (
    {{ labelled('added_up', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    {% for measure, minor in [
        ('recognised_revenue', 'recognised_revenue_minor'),
        ('cost_of_revenue', 'cost_of_revenue_minor'),
        ('gross_profit', 'gross_profit_minor'),
        ('research_and_development_direct', 'research_and_development_direct_minor'),
        ('research_and_development_shared', 'research_and_development_shared_minor'),
        ('capitalised', 'capitalised_minor'),
        ('research_and_development_net', '(labelled.research_and_development_minor - labelled.capitalised_minor)'),
        ('sales_and_marketing', 'sales_and_marketing_minor'),
        ('general_and_administrative', shown ~ 'labelled.general_and_administrative_minor end)'),
        ('operating_expense', shown ~ 'labelled.operating_expense_minor end)'),
        ('operating_profit', shown ~ 'labelled.gross_profit_minor - labelled.operating_expense_minor end)'),
        ('contribution', '(labelled.gross_profit_minor - labelled.research_and_development_direct_minor'
            ~ ' - labelled.sales_and_marketing_direct_minor)'),
        ('depreciation', 'depreciation_minor'),
        ('ebitda_proxy', shown ~ 'labelled.gross_profit_minor - labelled.operating_expense_minor'
            ~ ' + labelled.depreciation_minor end)'),
        ('of_unmapped_accounts', 'of_unmapped_accounts_minor'),
    ] %}
    {{ in_units(minor if '(' in minor else 'labelled.' ~ minor, 'labelled') }} as {{ measure }},
    {% endfor %}
    {{ guarded('gross_margin_ratio', 'labelled.gross_profit_minor',
        'greatest(labelled.recognised_revenue_minor, 0)', none, 'no_revenue') }},
    labelled.currency,
    judged.remainder,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
left join int_remainders_judged as judged on labelled.fiscal_period = judged.fiscal_period
left join stg_quickbooks__preferences as preferences on true
