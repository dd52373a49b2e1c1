{# Generic tests about the shape of a table: grain, ranges, a condition that holds for each row. #}

{% test unique_grain(model, columns) %}
select {{ columns | join(', ') }}, count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test holds(model, condition) %}
select * from {{ model }} where not coalesce({{ condition }}, false)
{% endtest %}

{# No two ranges of one key hold at the same time. #}
{% test ranges_apart(model, key) %}
select * from (
    select
        {{ key | join(', ') }}, valid_from, valid_to,
        lead(valid_from) over (partition by {{ key | join(', ') }} order by valid_from, valid_to) as next_from
    from {{ model }}
) as ranges
where valid_to < valid_from or (next_from is not null and coalesce(next_from < valid_to, true))
{% endtest %}

{# Each range begins where the one before it ends; exactly the last is open and current. #}
{% test ranges_without_gaps(model, key, order) %}
select * from (
    select
        {{ key | join(', ') }}, {{ order }}, valid_from, valid_to, is_current,
        lead(valid_from) over (partition by {{ key | join(', ') }} order by {{ order }}) as next_from
    from {{ model }}
) as ranges
where valid_to is distinct from next_from or valid_to < valid_from or is_current <> (next_from is null)
{% endtest %}
