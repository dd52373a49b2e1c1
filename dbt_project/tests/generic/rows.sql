{# dbt's own tests as they are, but that each returns whole rows: Dagster names the keys of rows that fail, and dbt's
   own return the wrong value alone, of not_null nothing. #}

{% test not_null(model, column_name) %}
select * from {{ model }} where {{ column_name }} is null
{% endtest %}

{% test unique(model, column_name) %}
{{ test_unique_grain(model, [column_name]) }}
{% endtest %}

{% test accepted_values(model, column_name, values) %}
select * from {{ model }} where {{ column_name }} not in ('{{ values | join("', '") }}')
{% endtest %}

{% test relationships(model, column_name, to, field) %}
with children as (select * from {{ model }}),
parents as (select {{ field }} as parent_key from {{ to }})

select children.*
from children
left join parents on children.{{ column_name }} = parents.parent_key
where children.{{ column_name }} is not null and parents.parent_key is null
{% endtest %}
