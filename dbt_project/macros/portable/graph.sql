{#
    Connected nodes, where engines differ: recursion that keeps one row a node instead of every pair.
    Belongs here: the closure. Does not: what is linked to what (models).
#}

{#
    Two CTEs' worth of `with recursive`: `name(as_of_date, node, least_node)`, the least node that each node of
    `links(as_of_date, node, other)` is connected with at that time. Links go both ways; a node without links is not in
    it.
#}
{% macro least_connected(name, links) -%} {{ return(adapter.dispatch('least_connected')(name, links)) }} {%- endmacro %}

{% macro default__least_connected(name, links) -%}
{{ name }}_reached as (
    select distinct as_of_date, node, node as least_node from {{ links }}
    union
    select links.as_of_date, links.other, reached.least_node
    from {{ name }}_reached as reached
    inner join {{ links }} as links
        on reached.as_of_date = links.as_of_date and reached.node = links.node and reached.least_node < links.other
),

{{ name }} as (
    select as_of_date, node, min(least_node) as least_node from {{ name }}_reached group by as_of_date, node
)
{%- endmacro %}

{% macro duckdb__least_connected(name, links) -%}
{{ name }}(as_of_date, node, least_node) using key (as_of_date, node) as (
    select distinct as_of_date, node, node from {{ links }}
    union
    select links.as_of_date, links.other, min(news.least_node)
    from {{ name }} as news
    inner join {{ links }} as links on news.as_of_date = links.as_of_date and news.node = links.node
    inner join recurring.{{ name }} as known on links.as_of_date = known.as_of_date and links.other = known.node
    where news.least_node < known.least_node
    group by links.as_of_date, links.other
)
{%- endmacro %}
