{#
    How models read the landing zone and remember what they have read.

    Belongs here: the manifest, the ledger of built loads, the hooks around incremental models. Does not: parsing of payloads (records.sql).

    A stream's manifest names its live files and the loads in them. Before a model runs, a hook puts into DuckDB variables
    the files that hold a load not yet built into that model; after it, in the same transaction, a hook writes those loads to the ledger
    `staging.built_loads`. So a kill leaves both or neither, and the cost of a refresh follows what is new. A compacted file holds many loads:
    rows are filtered by load id as well.

    What is restricted has both of its own: a landing zone, and a ledger in the database it is built into. DuckDB writes one database a transaction.
#}

{# A model under a unit test has no database of its own. #}
{% macro built_loads(database) -%}
    {{ api.Relation.create(database=database or target.database, schema='staging', identifier='built_loads') }}
{%- endmacro %}

{% macro create_built_loads(database) -%}
    create schema if not exists {{ api.Relation.create(database=database, schema='staging').without_identifier() }};
    create table if not exists {{ built_loads(database) }} (model varchar, load_id varchar)
{%- endmacro %}

{# Loads that a model has built, as a subquery. #}
{% macro loads_of(model) -%}
    (select load_id from {{ built_loads(model.database) }} where model = '{{ model.identifier }}')
{%- endmacro %}

{# Where the streams lie that are built into a database; what is restricted never lies elsewhere than in the home. #}
{% macro landing_root(database) -%}
    {%- set home = env_var('PRODOPS_HOME') -%}
    {{ (home ~ '/restricted/landing' if database == 'restricted' else env_var('PRODOPS_LANDING', home ~ '/landing')) | replace("'", "''") }}
{%- endmacro %}

{# Sets `<source>__<stream>` (files to read) and `<source>__<stream>__loads` (their loads) to what `model` has not built, or to everything. #}
{% macro set_landing_files(source_name, stream, model, everything=false) -%}
    {%- set root = landing_root(model.database) -%}
    {%- set manifest -%}
        select from_json(content, '{"files": [{"path": "VARCHAR", "load_ids": ["VARCHAR"]}], "load_ids": ["VARCHAR"]}') as manifest
        from read_text('{{ root }}/{{ source_name }}/_manifests/{{ stream }}.json')
    {%- endset -%}
    {%- set new_loads -%}
        select unnest(manifest.load_ids) as load_id from ({{ manifest }})
        {% if not everything %}except {{ loads_of(model) }}{% endif %}
    {%- endset -%}
    set variable {{ source_name }}__{{ stream }}__loads = (select coalesce(list(load_id), []) from ({{ new_loads }}));
    -- The typed empty file holds no load and is always read, so that there is always something to read.
    set variable {{ source_name }}__{{ stream }} = (
        select list('{{ root }}/' || file.path)
        from (select unnest(manifest.files) as file from ({{ manifest }}))
        where len(file.load_ids) = 0
            or len(list_intersect(file.load_ids, getvariable('{{ source_name }}__{{ stream }}__loads'))) > 0
    )
{%- endmacro %}

{# Forgets what this model has built: when its table is new, and when an upstream that bears on all of its rows has a load it does not know. #}
{% macro forget_loads(rebuilt_with=[]) -%}
    {% if not is_incremental() %}
    delete from {{ built_loads(this.database) }} where model = '{{ this.identifier }}';
    {% else %}
    {% for upstream in rebuilt_with %}
    delete from {{ built_loads(this.database) }}
    where model = '{{ this.identifier }}'
        and exists (
            select 1 from {{ built_loads(this.database) }} as upstream
            where upstream.model = '{{ upstream }}' and upstream.load_id not in {{ loads_of(this) }}
        );
    {% endfor %}
    {% endif %}
{%- endmacro %}

{# Pre-hook of a model that reads landing. #}
{% macro open_landing(source_name, stream, rebuilt_with=[]) -%}
    {{ forget_loads(rebuilt_with) }}
    {{ set_landing_files(source_name, stream, this) }}
{%- endmacro %}

{# Post-hook of a model that reads landing. #}
{% macro close_landing(source_name, stream, rebuilt_with=[]) -%}
    insert into {{ built_loads(this.database) }}
    select '{{ this.identifier }}', unnest(getvariable('{{ source_name }}__{{ stream }}__loads'));
    {{ close_upstream(rebuilt_with) if rebuilt_with }}
{%- endmacro %}

{# Pre-hook of an append model that replaces all rows of every key touched by a new load; `touched` is a query of keys. #}
{% macro open_upstream(key, touched, rebuilt_with=[]) -%}
    {{ forget_loads(rebuilt_with) }}
    {% if is_incremental() %}
    delete from {{ this }} where {{ key }} in ({{ touched }})
    {% endif %}
{%- endmacro %}

{# Post-hook of a model that reads other incremental models: it now knows all the loads that they know. #}
{% macro close_upstream(upstreams) -%}
    insert into {{ built_loads(this.database) }}
    select distinct '{{ this.identifier }}', load_id
    from {{ built_loads(this.database) }}
    where model in ('{{ upstreams | join("', '") }}') and load_id not in {{ loads_of(this) }}
{%- endmacro %}
