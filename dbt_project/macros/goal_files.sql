{#
    Key results as okrs.yml has them.
    Belongs here: what their newest and their landed versions share. Does not: what held when
    (int_goals__key_result_versions).
#}

{% macro key_result_columns() -%}
    {{ return([
        {'name': 'kr_id', 'path': '$.id', 'type': 'key', 'required': true},
        {'name': 'objective_id', 'path': '$.objective', 'type': 'key', 'required': true},
        {'name': 'kr_name', 'path': '$.name', 'type': 'text', 'required': true},
        {'name': 'kr_type', 'path': '$.type', 'type': 'key', 'required': true},
        {'name': 'unit', 'path': '$.unit', 'type': 'key'},
        {'name': 'start_value', 'path': '$.start', 'type': 'decimal'},
        {'name': 'target_value', 'path': '$.target', 'type': 'decimal'},
        {'name': 'weight', 'path': '$.weight', 'type': 'decimal', 'required': true},
        {'name': 'metric', 'path': '$.metric', 'type': 'key', 'required': true},
        {'name': 'slice', 'path': '$.slice', 'type': 'key'},
        {'name': 'success_at', 'path': '$.success_at', 'type': 'decimal'},
        {'name': 'status', 'path': '$.status', 'type': 'key'},
        {'name': 'status_date', 'path': '$.status_date', 'type': 'date'},
        {'name': 'continues_kr_id', 'path': '$.continues', 'type': 'key'},
        {'name': 'valid_from', 'path': '$.valid_from', 'type': 'date'},
        {'name': 'valid_to', 'path': '$.valid_to', 'type': 'date'},
    ]) }}
{%- endmacro %}

{# What a row says, with the defaults of what it leaves out. #}
{% macro key_result_facts() -%}
    kr_id,
    objective_id,
    kr_name,
    case when kr_type = 'maintain' then 'stay-above' else kr_type end as kr_type,
    unit,
    start_value,
    case when kr_type = 'maintain' then coalesce(target_value, start_value) else target_value end as target_value,
    weight,
    metric,
    slice,
    coalesce(success_at, 1) as success_at,
    coalesce(status, 'active') as status,
    status_date,
    continues_kr_id,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
{%- endmacro %}

{# The columns of a key result, some of them from elsewhere. #}
{% macro key_result_names(others={}, of='') -%}
    {%- for column in key_result_columns() -%}
    {{ others[column.name] ~ ' as ' ~ column.name if column.name in others else of ~ column.name }}
    {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
