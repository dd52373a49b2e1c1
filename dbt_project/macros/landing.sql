{#
    How models read the landing zone and remember what they have read.

    Belongs here: the manifest, the ledger of built loads, the hooks around incremental models. Does not: parsing of
    payloads (records.sql).

    A stream's manifest names its live files and the loads in them. Before a model runs, a hook makes a view of the
    files that hold a load not yet built into that model; after it, in the same transaction, a hook writes those
    loads to the ledger `staging.built_loads`. So a kill leaves both or neither, and the cost of a refresh follows
    what is new. A compacted file holds many loads: rows are filtered by load id as well.

    What is restricted has both of its own: a landing zone, and a ledger in the database it is built into. DuckDB
    writes one database a transaction.
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
    {%- set open_root = env_var('PRODOPS_LANDING', home ~ '/landing') -%}
    {{ (home ~ '/restricted/landing' if database == 'restricted' else open_root) | replace("'", "''") }}
{%- endmacro %}

{#
    The source and the stream that a base model reads, from its name: base_<source>__<stream>, with _versions where it
    keeps all versions; and the view that its pre-hook makes of them.
#}
{% macro landed_table() -%}
    {%- set name = model.tested_node_unique_id.split('.')[-1] if model.resource_type == 'unit_test' else model.name -%}
    {%- set view = name.removeprefix('base_').removesuffix('_versions') -%}
    {{ return({'source': view.split('__')[0], 'stream': view.split('__')[1], 'view': view}) }}
{%- endmacro %}

{# Upstreams of a base model that bear on all of its rows: it names them in its meta. #}
{% macro rebuilt_with() -%} {{ return(model.config.get('meta', {}).get('rebuilt_with', [])) }} {%- endmacro %}

{#
    Forgets what this model has built: when its table is new, and when an upstream that bears on all of its rows has a
    load it does not know.
#}
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

{#
    Pre-hook of a base model: makes the view that its source is, of what the model has not built. The loads in it are in
    the variable `<source>__<stream>__loads`. A stream that never landed has no manifest and reads as a table without
    rows.
#}
{% macro open_landing() -%}
    {%- set table = landed_table() -%}
    {%- set root = landing_root(this.database) -%}
    {%- set manifest_file = root ~ '/' ~ table.source ~ '/_manifests/' ~ table.stream ~ '.json' -%}
    {{ forget_loads(rebuilt_with()) }}
    {% if execute and run_query("select file from glob('" ~ manifest_file ~ "')").rows | length > 0 %}
    {%- set manifest -%}
        select
            from_json(
                content, '{"files": [{"path": "VARCHAR", "load_ids": ["VARCHAR"]}], "load_ids": ["VARCHAR"]}'
            ) as manifest
        from read_text('{{ manifest_file }}')
    {%- endset -%}
    set variable {{ table.view }}__loads = (
        select coalesce(list(load_id), [])
        from (select unnest(manifest.load_ids) as load_id from ({{ manifest }}) except {{ loads_of(this) }})
    );
    -- The typed empty file holds no load and is always read, so that there is always something to read.
    set variable {{ table.view }} = (
        select list('{{ root }}/' || file.path)
        from (select unnest(manifest.files) as file from ({{ manifest }}))
        where len(file.load_ids) = 0
            or len(list_intersect(file.load_ids, getvariable('{{ table.view }}__loads'))) > 0
    );
    create or replace temporary view {{ table.view }} as select * from read_parquet(getvariable('{{ table.view }}'))
    {% else %}
    set variable {{ table.view }}__loads = cast([] as varchar[]);
    create or replace temporary view {{ table.view }} as
    select
        {% for name, type in landed_columns(lands_as_events(table.source, table.stream)).items() %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    where false
    {% endif %}
{%- endmacro %}

{# Columns of a stream as it lands; ingestion/manifests.py has the same. #}
{% macro landed_columns(is_events) -%}
    {%- if is_events -%}
    {{ return({
        'project_id': 'varchar', 'uuid': 'varchar', 'insert_id': 'varchar', 'event_type': 'varchar',
        'event_time': 'timestamptz', 'server_upload_time': 'timestamptz', 'user_id': 'varchar', 'device_id': 'varchar',
        'amplitude_id': 'bigint', 'session_id': 'bigint', 'export_hour': 'timestamptz', 'extracted_at': 'timestamptz',
        'payload': 'varchar', 'payload_hash': 'bigint', '_dlt_load_id': 'varchar',
    }) }}
    {%- else -%}
    {{ return({
        'record_id': 'varchar', 'parent_id': 'varchar', 'cursor': 'varchar', 'is_deleted': 'boolean',
        'extracted_at': 'timestamptz', 'sequence': 'bigint', 'payload': 'varchar', 'payload_hash': 'bigint',
        '_dlt_load_id': 'varchar',
    }) }}
    {%- endif -%}
{%- endmacro %}

{# Post-hook of a base model. #}
{% macro close_landing() -%}
    insert into {{ built_loads(this.database) }}
    select '{{ this.identifier }}', unnest(getvariable('{{ landed_table().view }}__loads'));
    {{ close_upstream(rebuilt_with()) if rebuilt_with() }}
{%- endmacro %}

{#
    Pre-hook of an append model that replaces all rows of every key touched by a new load; `touched` is a query of keys.
#}
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
