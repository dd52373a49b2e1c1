{#
    From landed records to typed rows.

    Belongs here: newest version per record, one JSON parse, types, the reason why a value does not fit. Does not:
    meaning (staging views, intermediate).

    A base model is its columns, the rest comes from its name and its folder (dbt_project.yml): name, JSON path, type
    and whether it must be there. Types are text, key, timestamp, unix (seconds), date, bigint, double, decimal,
    share (of full time, 2 at most), fine_decimal (12 places, never rounded), amount (a JSON number, exact), rate,
    currency (upper case), boolean, zero_date (0000-00-00 is absent), json, and list: an array of objects that all fit
    the columns under `each`. An account_key is the id of another record where a source has several accounts: the
    record's own account before it, which is what stands before the payload's `$.id` in the record's id. With one, or
    with `has_account`, that is a column too: `account_prefix`.
    A value that does not fit never becomes NULL: its record keeps a `quarantine_reason` that names column and value,
    and stays out of the staging view.
    With `every_version`, all versions that landed are rows, not the newest alone.
    A column with `path_sql` takes its path from SQL (custom fields have another id on every site); `from_sql` joins
    what that needs.
#}

{% macro typed_records(columns, from_sql='', every_version=false, has_account=false) %}
{# DuckDB would call the second parent_id parent_id_1 and say nothing: a reader of parent_id gets the envelope's. #}
{% set envelope = [
    'record_id', 'parent_id', 'account_prefix', 'is_deleted', 'quarantine_reason', 'extracted_at', 'sequence', 'load_id'
] %}
{% for name in envelope if name in columns | map(attribute='name') %}
    {{ exceptions.raise_compiler_error("A column may not be called like one of the record's envelope: " ~ name) }}
{% endfor %}
{% set has_account = has_account or 'account_key' in columns | map(attribute='type') %}
with landed as (
    select record_id, parent_id, is_deleted, extracted_at, sequence, payload, _dlt_load_id as load_id
    from {{ source(landed_table().source, landed_table().stream) }}
    where _dlt_load_id not in {{ loads_of(this) }}
),

{% if not every_version %}
-- Ranked without the payload: sorting the wide text would cost more than parsing it.
ranked as (
    select
        record_id, load_id, sequence,
        row_number() over (partition by record_id order by load_id desc, sequence desc) as version_rank
    from landed
),

newest as (
    select landed.*
    from landed
    inner join ranked
        on landed.record_id = ranked.record_id and landed.load_id = ranked.load_id and landed.sequence = ranked.sequence
    where ranked.version_rank = 1
    {% if is_incremental() %}
        -- A load that is seen late must not overwrite a newer version.
        and not exists (
            select 1 from {{ this }} as built
            where built.record_id = landed.record_id
                and (
                    built.load_id > landed.load_id
                    or (built.load_id = landed.load_id and built.sequence > landed.sequence)
                )
        )
    {% endif %}
),
{% endif %}

parsed as (
    select
        newest.record_id, newest.parent_id, newest.is_deleted, newest.extracted_at, newest.sequence, newest.load_id,
        newest.payload is not null as has_payload,
        {% set kept_whole = ['json', 'list'] %}
        {% set plain = columns | rejectattr('path_sql', 'defined') | rejectattr('type', 'in', kept_whole) | list %}
        {% set paths = plain | map(attribute='path') | list + (['$.id'] if has_account else []) %}
        {{ json_texts('newest.payload', paths) }} as texts
        {% for column in columns if column.path_sql is defined or column.type in kept_whole %}
        {% set path = column.path_sql or string_literal(column.path) %}
        , {{ json_raw('newest.payload', path) if column.type in kept_whole else json_text('newest.payload', path) }}
            as {{ column.name }}_text
        {% endfor %}
    from {{ 'landed' if every_version else 'newest' }} as newest {{ from_sql }}
),

named as (
    select
        *
        {% for column in plain %}
        , {{ list_item('texts', loop.index) }} as {{ column.name }}_text
        {% endfor %}
        {% if has_account %}
        , coalesce(
            left(record_id, length(record_id) - length({{ list_item('texts', paths | length) }})), ''
        ) as account_prefix
        {% endif %}
    from parsed
)

select
    record_id,
    parent_id,
    {% for column in columns %}
    {{ from_text(column.name ~ '_text', column.type, column.each) }} as {{ column.name }},
    {% endfor %}
    {% if has_account %}
    account_prefix,
    {% endif %}
    is_deleted,
    case
        when is_deleted then null
        when not has_payload then 'payload: missing'
        when texts is null then 'payload: not JSON'
        {% for column in columns if column.required %}
        when {{ presence(column.name ~ '_text', column.type) }} is null then '{{ column.name }}: missing'
        {% endfor %}
        {% for column in columns if column.type not in ('text', 'key', 'account_key', 'json') %}
        {% set paths = column.get('each', []) | map(attribute='path') | join(', ') | replace('$.', '') %}
        {% set parts = ' of ' ~ paths if paths else '' %}
        when {{ presence(column.name ~ '_text', column.type) }} is not null
            and {{ from_text(column.name ~ '_text', column.type, column.each) }} is null
            then '{{ column.name }}: not a {{ column.type }}{{ parts }}: ' || left({{ column.name }}_text, 60)
        {% endfor %}
    end as quarantine_reason,
    extracted_at,
    sequence,
    load_id
from named
{% endmacro %}

{% macro string_literal(value) -%} '{{ value | replace("'", "''") }}' {%- endmacro %}

{# The text where it says something: blanks of typed columns and keys are as good as absent. #}
{% macro presence(text, type) -%}
    {%- if type in ('text', 'json', 'list') -%} {{ text }}
    {%- elif type == 'zero_date' -%} nullif(nullif(trim({{ text }}), ''), '0000-00-00')
    {%- else -%} nullif(trim({{ text }}), '')
    {%- endif -%}
{%- endmacro %}

{# The typed value of a text, NULL where it does not fit. #}
{% macro from_text(text, type, each=none) -%}
    {%- if type in ('text', 'json', 'key') -%} {{ presence(text, type) }}
    {%- elif type == 'account_key' -%} account_prefix || {{ presence(text, type) }}
    {%- elif type == 'timestamp' -%} {{ timestamp_from_text(text) }}
    {%- elif type == 'unix' -%} {{ timestamp_from_unix(text) }}
    {%- elif type in ('date', 'zero_date') -%}
        case when {{ text_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }} then try_cast({{ text }} as date) end
    {%- elif type == 'bigint' -%}
        case when {{ text_matches(text, '^-?[0-9]+$') }} then try_cast({{ text }} as bigint) end
    {%- elif type == 'decimal' -%}
        case when {{ text_matches(text, number_pattern()) }} then try_cast({{ text }} as decimal(18, 6)) end
    {#- Nobody has more than two full-time jobs: 80 is a percentage, and which one nobody says. -#}
    {%- elif type == 'share' -%}
        case
            when {{ text_matches(text, '^([0-9]+([.][0-9]*)?|[.][0-9]+)$') }}
                and try_cast({{ text }} as decimal(18, 6)) <= 2
                then try_cast({{ text }} as decimal(18, 6))
        end
    {%- elif type == 'fine_decimal' -%}
        case
            when {{ text_matches(text, '^-?[0-9]{1,26}([.][0-9]{1,12})?$') }} then cast({{ text }} as decimal(38, 12))
        end
    {#- DuckDB reads a JSON number as a double: fifteen digits come through unchanged; one digit more may not. -#}
    {%- elif type == 'amount' -%}
        case
            when {{ text_matches(text, '^-?[0-9]{1,11}([.][0-9]{1,4})?$') }} then cast({{ text }} as decimal(38, 4))
        end
    {%- elif type == 'rate' -%}
        case when {{ text_matches(text, number_pattern()) }} then try_cast({{ text }} as decimal(38, 12)) end
    {%- elif type == 'currency' -%} case when {{ text_matches(text, '^[A-Za-z]{3}$') }} then upper({{ text }}) end
    {#- 1e400 is a number to the eye and infinity to a double: it does not fit. -#}
    {%- elif type == 'double' -%}
        case
            when {{ text_matches(text, number_pattern()) }}
                and abs(try_cast({{ text }} as double)) < cast('infinity' as double)
            then try_cast({{ text }} as double) end
    {%- elif type == 'boolean' -%} case lower({{ text }}) when 'true' then true when 'false' then false end
    {%- elif type == 'list' -%} case when {{ json_array_holds(text, element_fits(each)) }} then {{ text }} end
    {%- else -%} {{ exceptions.raise_compiler_error("Unknown type of a landed column: " ~ type) }}
    {%- endif -%}
{%- endmacro %}

{# The condition that an element `x` of a JSON array has what must be there and that all of it fits. #}
{% macro element_fits(columns) -%}
    {%- for column in columns -%}
    {%- set text = json_text('x', string_literal(column.path)) -%}
    {%- set value = from_text(text, column.type) -%}
    {%- set fits = '(' ~ value ~ ') is not null' -%}
    {{ fits if column.required else '((' ~ presence(text, column.type) ~ ') is null or ' ~ fits ~ ')' }}
    {{- ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro number_pattern() -%} ^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$ {%- endmacro %}
