{% set means %}
Red: what customers pay on a slice, or what a market brings, is not the closing balance of mart_arr there: two marts
show two figures for one thing.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_arpa'}}, 'description': means}) }}
{% set slices = [('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')] %}
with amounts as (
    {% for slice_type, slice_value in slices %}{% for product in ['product_id', "'COMPANY'"] %}
    select
        fiscal_period, {{ product }} as product_id, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        closing_mrr as mrr_left
    from {{ ref('mart_arr') }}
    union all
    {% endfor %}{% endfor %}
    select fiscal_period, product_id, slice_type, slice_value, -paying_mrr from {{ ref('mart_arpa') }}
    union all
    select fiscal_period, 'COMPANY', 'market of mart_market', market, closing_arr from {{ ref('mart_arr') }}
    union all
    select fiscal_period, product_id, 'market of mart_market', market, -arr
    from {{ ref('mart_market') }}
    where product_id = 'COMPANY' and slice_type = 'all'
    union all
    select fiscal_period, 'COMPANY', 'segment of mart_market', segment, closing_arr from {{ ref('mart_arr') }}
    union all
    select fiscal_period, product_id, 'segment of mart_market', slice_value, -arr
    from {{ ref('mart_market') }}
    where product_id = 'COMPANY' and slice_type = 'segment'
)

select fiscal_period, product_id, slice_type, slice_value, sum(mrr_left) as mrr_left
from amounts
group by fiscal_period, product_id, slice_type, slice_value
having sum(mrr_left) <> 0
