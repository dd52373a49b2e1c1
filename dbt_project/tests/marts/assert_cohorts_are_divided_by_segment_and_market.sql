{% set means %}
Red: a customer is retained in two segments or in none, or one is retained that the closing balance does not have, so
NRR and GRR of slices are wrong.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_revenue_retention'}}, 'description': means}) }}
with closing as (
    select fiscal_period, product_id, sum(closing_mrr) as closing_mrr
    from {{ ref('mart_arr') }}
    group by fiscal_period, product_id
    union all
    select fiscal_period, 'COMPANY', sum(closing_mrr) from {{ ref('mart_arr') }} group by fiscal_period
),

sums as (
    select
        fiscal_period, product_id
        {% for slice_type in ['all', 'segment', 'market'] %}{% for figure in ['cohort_logos', 'start_mrr', 'net_mrr',
            'gross_mrr'] %}
        , sum(case when slice_type = '{{ slice_type }}' then {{ figure }} else 0 end) as {{ slice_type }}_{{ figure }}
        {% endfor %}{% endfor %}
    from {{ ref('mart_revenue_retention') }}
    group by fiscal_period, product_id
)

select sums.*, closing.closing_mrr
from sums
left join closing on sums.fiscal_period = closing.fiscal_period and sums.product_id = closing.product_id
where sums.all_net_mrr > coalesce(closing.closing_mrr, 0)
    {% for slice_type in ['segment', 'market'] %}{% for figure in ['cohort_logos', 'start_mrr', 'net_mrr',
        'gross_mrr'] %}
    or sums.all_{{ figure }} <> sums.{{ slice_type }}_{{ figure }}
    {% endfor %}{% endfor %}
