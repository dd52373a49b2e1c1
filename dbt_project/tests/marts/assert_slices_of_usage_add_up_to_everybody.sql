-- People are not added up (one may act for two segments), so of them the sum of the slices may be more, never less.
{% set means %}
Red: events of a product fall out of every segment or market, or count in two, or somebody is in the whole and in no
slice of it.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_usage'}}, 'description': means}) }}
with sums as (
    select
        activity_date, product_id
        {% for slice_type in ['all', 'segment', 'market'] %}{% for figure in ['events', 'dau', 'mau_28d'] %}
        ,
        coalesce(
            sum(case when slice_type = '{{ slice_type }}' then {{ figure }} end), 0
        ) as {{ slice_type }}_{{ figure }}
        {% endfor %}{% endfor %}
    from {{ ref('mart_usage') }}
    group by activity_date, product_id
)

select * from sums
where all_events <> segment_events or all_events <> market_events
    or all_dau > segment_dau or all_dau > market_dau
    or all_mau_28d > segment_mau_28d or all_mau_28d > market_mau_28d
