{#
    Tables and views that replace what was there in one statement.

    Belongs here: how a table and a view are made. Does not: incremental models (dbt's own, with the hooks of
    landing.sql).

    dbt's own make the new one under another name, rename both and drop the old one: up to three statements more, each
    with a context of its own, a tenth of a build of small tables. Here the replacement is one transaction: who reads
    sees the old rows or the new ones, and after an error the old ones are there.
#}

{% materialization table, adapter='duckdb' %}
    {{ return(replaced_relation('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(replaced_relation('view')) }}
{% endmaterialization %}

{% macro replaced_relation(type) %}
    {% set existing, target = load_cached_relation(this), this.incorporate(type=type) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {% if existing is not none and existing.type != type %}
        drop {{ existing.type }} {{ existing }};
        {% endif %}
        {% if type == 'table' and config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
        insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }})
        {% else %}
        create or replace {{ type }} {{ target }} as (
            {{ compiled_code }}
        )
        {% endif %}
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmacro %}
