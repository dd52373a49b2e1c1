{#
    The end of a range as a comparable instant. Compared, not tested for null with `or`: that made DuckDB compare every
    pair (152 s instead of 3 s for 50,000 issues).
#}
{% macro range_end(ranges) -%} coalesce({{ ranges }}.valid_to, timestamp '9999-12-31 00:00:00') {%- endmacro %}

{#
    Join of an issue's timestamp to the one range that holds then; valid_from is inclusive, valid_to exclusive, so a
    range of no length never holds.
#}
{% macro in_force(timestamps, ranges) -%}
    {{ timestamps }}.issue_id = {{ ranges }}.issue_id
    and {{ ranges }}.valid_from <= {{ timestamps }}.occurred_at
    and {{ timestamps }}.occurred_at < {{ range_end(ranges) }}
{%- endmacro %}

{#
    The days at whose ends a range of an issue's field held, where `policy` is joined; none where it began and ended on
    one day. What an issue came with held from the beginning: nothing happened to it before.
#}
{% macro held_at_ends_of_days(ranges) -%}
    case
        when {{ ranges }}.change_number = 0 then date '0001-01-01'
        else cast({{ to_local(ranges ~ '.valid_from', 'policy.reporting_time_zone') }} as date)
    end as valid_from,
    coalesce(
        cast({{ to_local(ranges ~ '.valid_to', 'policy.reporting_time_zone') }} as date), date '9999-12-31'
    ) as valid_to
{%- endmacro %}

{# Whether two ranges have an instant, or a day, in common. #}
{% macro overlap(one, other) -%}
    {{ one }}.valid_from < {{ other }}.valid_to and {{ other }}.valid_from < {{ one }}.valid_to
{%- endmacro %}

{# Whether a range of days of the company's files holds on a day. #}
{% macro valid_on(ranges, day) -%}
    {{ ranges }}.valid_from <= {{ day }} and {{ day }} < {{ ranges }}.valid_to
{%- endmacro %}

{#
    What stands above each member of a company's file and when: its parents as its own rows and theirs say for the day,
    at any depth. A tree that runs in a circle ends where it began. The body of a `with recursive`, as the table
    `chain`.
#}
{% macro ancestors_over_time(rows, member) -%}
chain as (
    select
        {{ member }}, parent_id as ancestor_id, valid_from, valid_to, 1 as distance,
        '/' || {{ member }} || '/' || parent_id || '/' as path
    from {{ rows }}
    where parent_id is not null and parent_id <> {{ member }}
    union all
    select
        chain.{{ member }}, parents.parent_id, greatest(chain.valid_from, parents.valid_from),
        least(chain.valid_to, parents.valid_to), chain.distance + 1,
        chain.path || parents.parent_id || '/'
    from chain
    inner join {{ rows }} as parents
        on chain.ancestor_id = parents.{{ member }} and chain.valid_from < parents.valid_to
        and parents.valid_from < chain.valid_to
    where parents.parent_id is not null and position('/' || parents.parent_id || '/' in chain.path) = 0
)
{%- endmacro %}
