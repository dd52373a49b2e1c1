{#
    Usage events: which lines count, which days a load touched, who is nobody, slices.
    Belongs here: what several usage models share. Does not: rules of one figure (models).
#}

{# The lines of the newest landing of each hour, as the last table of a `with`. #}
{% macro newest_event_lines() -%}
landings as (
    select project_id, export_hour, max(load_id) as load_id
    from {{ ref('base_amplitude__events') }}
    group by project_id, export_hour
),

lines as (
    select base.*
    from {{ ref('base_amplitude__events') }} as base
    inner join landings
        on base.project_id = landings.project_id and base.export_hour = landings.export_hour
        and base.load_id = landings.load_id
    where base.is_event
)
{%- endmacro %}

{# Why a line is no event, over a line and what it repeats. #}
{% macro line_reason() -%}
    coalesce(lines.quarantine_reason, case when lines.export_hour > repeats.first_export_hour then 'uuid: repeated' end)
{%- endmacro %}

{#
    An id that names somebody. Software writes these when it knows nobody; the last ones, and zeros in any number, are
    what phones have instead of an id of their own (INVALID_DEVICE_IDS of Amplitude's SDK; an advertising id that was
    refused).
#}
{% macro known_id(text) -%}
    case
        when lower(trim({{ text }})) not in (
            '', 'anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '-1',
            'android', 'deface', '9774d56d682e549c'
        ) and not {{ text_matches('trim(' ~ text ~ ')', '^[0-]+$') }}
            then trim({{ text }})
    end
{%- endmacro %}

{#
    Pre-hook of the model that holds days of events: finds the days that new loads touch and deletes them. Those are the
    days of the lines in an hour that landed anew, before and after, and of lines elsewhere that share a row id or an
    insert id with one of them: what is a duplicate may change.
#}
{% macro open_event_days(rebuilt_with) -%}
    {{ forget_loads(rebuilt_with) }}
    {% if is_incremental() %}
    set variable touched_event_days = (
        with hours as (
            select distinct project_id, export_hour
            from {{ ref('stg_amplitude__landed_lines') }}
            where load_id not in {{ loads_of(this) }}
        ),

        landed as (
            select lines.*
            from {{ ref('stg_amplitude__landed_lines') }} as lines
            inner join hours on lines.project_id = hours.project_id and lines.export_hour = hours.export_hour
        ),

        touched as (
            select event_at from landed
            union all
            select event_at from {{ ref('stg_amplitude__landed_lines') }}
            where (project_id, device_id, insert_id) in (select project_id, device_id, insert_id from landed)
            union all
            select event_at
            from {{ ref('stg_amplitude__landed_lines') }}
            where (project_id, uuid) in (select project_id, uuid from landed)
        )

        select
            coalesce(list(distinct cast({{ to_local('touched.event_at', 'policy.reporting_time_zone') }} as date)), [])
        from touched
        cross join {{ ref('int_policies_read') }} as policy
        where touched.event_at is not null
    );
    delete from {{ this }}
    where activity_date in (select unnest(getvariable('touched_event_days')))
        or not exists (select 1 from {{ built_loads(this.database) }} where model = '{{ this.identifier }}')
    {% endif %}
{%- endmacro %}

{# The slices, each with the column that says which part of it a row is of. #}
{% macro slices() -%} {{ return([('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')]) }} {%- endmacro %}

{# Rows of a table once for each slice they belong to: everybody, their segment, their market. #}
{% macro sliced(relation, columns) -%}
    {% for slice_type, slice_value in slices() %}
    select '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value, {{ columns | join(', ') }}
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
