{#
    Versions of one thing in a company's file: which of them people look at.
    Belongs here: what every published dimension with validity shares. Does not: joins on a day (in_force.sql).
#}

{#
    The rows of a file with validity: `is_current` is valid today, and `is_shown` the one version of each id that stands
    for it: the current one, else the last that began, else the first to begin. Today is the day on which the files were
    read last, because no model reads a clock.
#}
{% macro versions_of(relation, id) -%}
select
    versions.*,
    coalesce({{ valid_on('versions', 'today.read_date') }}, false) as is_current,
    row_number() over (
        partition by versions.{{ id }}
        order by
            case when versions.valid_from <= today.read_date then 0 else 1 end,
            case when versions.valid_from <= today.read_date then versions.valid_from end desc,
            versions.valid_from
    ) = 1 as is_shown
from {{ relation }} as versions
cross join (select max(read_date) as read_date from {{ ref('stg_files__read_days') }}) as today
{%- endmacro %}

{# The range of a version as readers get it: an open end is null. #}
{% macro open_ends(versions) -%}
    nullif({{ versions }}.valid_from, date '0001-01-01') as valid_from,
    nullif({{ versions }}.valid_to, date '9999-12-31') as valid_to,
    {{ versions }}.is_current
{%- endmacro %}

{# The validity of a member that no file describes, like UNMAPPED. #}
{% macro always_valid() -%} date '0001-01-01', date '9999-12-31', true, true {%- endmacro %}
