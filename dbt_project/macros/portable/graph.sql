{#
    Connected nodes, where engines differ: recursion that keeps one row a node instead of every pair.
    Belongs here: the closure. Does not: what is linked to what (models).
#}

{#
    Two CTEs' worth of `with recursive`: `name(moment, node, least_node)`, the least node that each node of `links(moment, node, other)` is connected
    with at that moment. Links go both ways; a node without links is not in it.
#}
{% macro least_connected(name, links) -%} {{ return(adapter.dispatch('least_connected')(name, links)) }} {%- endmacro %}

{% macro default__least_connected(name, links) -%}
{{ name }}_reached as (
    select distinct moment, node, node as least_node from {{ links }}
    union
    select links.moment, links.other, reached.least_node
    from {{ name }}_reached as reached
    inner join {{ links }} as links on reached.moment = links.moment and reached.node = links.node and reached.least_node < links.other
),

{{ name }} as (
    select moment, node, min(least_node) as least_node from {{ name }}_reached group by moment, node
)
{%- endmacro %}

{% macro duckdb__least_connected(name, links) -%}
{{ name }}(moment, node, least_node) using key (moment, node) as (
    select distinct moment, node, node from {{ links }}
    union
    select links.moment, links.other, min(news.least_node)
    from {{ name }} as news
    inner join {{ links }} as links on news.moment = links.moment and news.node = links.node
    inner join recurring.{{ name }} as known on links.moment = known.moment and links.other = known.node
    where news.least_node < known.least_node
    group by links.moment, links.other
)
{%- endmacro %}
