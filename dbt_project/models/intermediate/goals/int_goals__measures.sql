-- Days and periods that are over: a running month is no value of a month.
{% set marts = goal_measures() %}
with int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_product_ancestors_ranged as (select * from {{ ref('int_product_ancestors_ranged') }}),

bound as (
    select distinct
        metric,
        slice,
        {{ dbt.split_part('slice', "'='", 1) }} as dimension,
        {{ dbt.split_part('slice', "'='", 2) }} as member,
        product_id,
        coalesce(product_id, 'COMPANY') as measured_product_id
    from int_goals__key_results
    where metric <> 'manual'
)

{% for mart, facts in marts.items() %}
{% set figures, sums, quotients = facts.figures or [], facts.sums or [], facts.quotients or {} %}
{% set names = figures + sums + quotients.keys() | list %}
{% set ends = 'mart.' ~ facts.ends if facts.ends else 'cast(' ~ dbt.dateadd(
    'day', -1, dbt.dateadd(facts.length, 1, 'mart.' ~ facts.starts)
) ~ ' as date)' %}
{{ 'union all' if not loop.first }}
select
    bound.metric,
    bound.product_id,
    bound.slice,
    {{ ends }} as measured_date,
    case bound.metric
        {% for name in figures %}
        when '{{ mart }}.{{ name }}' then cast(mart.{{ name }} as double)
        {% endfor %}
        {% for name in sums %}
        when '{{ mart }}.{{ name }}' then cast(sum(mart.{{ name }}) as double)
        {% endfor %}
        {% for name, parts in quotients.items() %}
        when '{{ mart }}.{{ name }}' then cast(sum(mart.{{ parts[0] }}) as double) / nullif(sum(mart.{{ parts[1] }}), 0)
        {% endfor %}
    end as value
from {{ ref(mart) }} as mart
inner join bound
    on bound.metric in ({% for name in names %}'{{ mart }}.{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
    {% if figures %}
    and mart.product_id = bound.measured_product_id
    and mart.slice_type = coalesce(bound.dimension, 'all')
    and (bound.dimension is null or mart.slice_value = bound.member)
where mart.is_complete
    {% else %}
    and (
        bound.dimension is null
        {% for name in facts.dimensions %}
        or (bound.dimension = '{{ name }}' and mart.{{ name }} = bound.member)
        {% endfor %}
    )
left join int_product_ancestors_ranged as above
    on mart.product_id = above.product_id and bound.measured_product_id = above.ancestor_id
    and {{ valid_on('above', ends) }}
where mart.is_complete and (bound.measured_product_id = 'COMPANY' or above.product_id is not null)
group by bound.metric, bound.product_id, bound.slice, {{ ends }}
    {% endif %}
{% endfor %}
