{#
    Rules that several models of goals share.
    Belongs here: versions of goals, what contributes to what, limits to keep, labels. Does not: progress, scores, the
    measures that a key result may be bound to (registry.sql).
#}

{#
    The rows of a relation of goals, of which each has several by `valid_from`, with the day `today` and which of them
    is the first, holds today (the last that has begun, else the first) and is the last.
#}
{% macro goal_versions(relation, key) -%}
{%- set its = 'over (partition by ' ~ key ~ ')' -%}
select
    *,
    valid_from = min(valid_from) {{ its }} as is_first,
    valid_from = max(valid_from) {{ its }} as is_last,
    valid_from = coalesce(
        max(case when valid_from <= today then valid_from end) {{ its }}, min(valid_from) {{ its }}
    ) as is_held
from {{ relation }}
cross join (select max(read_date) as today from {{ ref('stg_files__read_days') }}) as clock
{%- endmacro %}

{#
    What contributes to what, by which share where one is given, and on which days; what supports is no part of it.
    `objectives` are those that hold today.
#}
{% macro goal_contributions(objectives) -%}
select
    parent_goal_id as parent_id, objective_id as child_id, cast(null as double) as share,
    date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
from {{ objectives }}
where link_type = 'contribute' and parent_goal_id is not null
union all
select objective_id, key_result_id, null, date '0001-01-01', date '9999-12-31'
from {{ ref('int_goals__key_results') }}
union all
select parent_goal_id, child_id, cast(share as double), valid_from, valid_to
from {{ ref('stg_files__goal_parents') }}
where link_type = 'contribute'
{%- endmacro %}

{# From which day on a goal is none: cancelled, paused, postponed, or ended by its row before its cycle. #}
{% macro left_date(goal, end_date) -%}
least(
    case
        when {{ goal }}.status in ('cancelled', 'paused', 'postponed') then {{ goal }}.status_date
        else date '9999-12-31'
    end,
    case when {{ goal }}.valid_to < {{ end_date }} then {{ goal }}.valid_to else date '9999-12-31' end
)
{%- endmacro %}

{# The first day of the day, week or month that a day is in. #}
{% macro goal_period(day, period) -%}
cast(
    case {{ period }}
        when 'day' then {{ day }}
        when 'month' then {{ dbt.date_trunc('month', day) }}
        else {{ dbt.date_trunc('week', day) }}
    end as date
)
{%- endmacro %}

{# Whether a value keeps a limit; at the limit the policy decides. Values are doubles: a mean may miss it by a hair. #}
{% macro keeps_limit(kr_type, value, limit, border) -%}
case
    when abs({{ value }} - {{ limit }}) <= 1e-9 * greatest(1, abs({{ limit }})) then {{ border }} = 'met'
    when {{ kr_type }} = 'stay-above' then {{ value }} > {{ limit }}
    else {{ value }} < {{ limit }}
end
{%- endmacro %}

{# The share of a life that is over on a day, from 0 to 1; `end_date` is the day after the last. #}
{% macro life_over(day, first_date, end_date, pace_ends) -%}
{%- set days = dbt.datediff(first_date, end_date, 'day') -%}
{%- set past = dbt.datediff(first_date, day, 'day') -%}
greatest(0, least(1,
    case {{ pace_ends }}
        when 'days_begun' then cast({{ past }} + 1 as double) / {{ days }}
        when 'to_the_day_after' then cast({{ past }} as double) / {{ days }}
        else case when {{ days }} > 1 then cast({{ past }} as double) / ({{ days }} - 1) else 1 end
    end
))
{%- endmacro %}

{# Progress between 0 and 1; none stays none, which least and greatest of some engines would take for a limit. #}
{% macro clipped(progress) -%}
case when {{ progress }} < 0 then 0.0 when {{ progress }} > 1 then 1.0 else {{ progress }} end
{%- endmacro %}

{# The label of a chance, of progress over what is expected, or of a score: its thresholds are published. #}
{% macro goal_label(ratio) -%}
case when {{ ratio }} >= 0.7 - 1e-9 then 'on_track' when {{ ratio }} >= 0.4 - 1e-9 then 'at_risk' else 'off_track' end
{%- endmacro %}

{# A number as people write it: 1.5 and not 1.500000. #}
{% macro plain_number(number) -%}
regexp_replace(cast(cast({{ number }} as decimal(18, 6)) as {{ dbt.type_string() }}), '[.]?0+$', '')
{%- endmacro %}
