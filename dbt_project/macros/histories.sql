{#
    Histories of a field as chains of values. Belongs here: when two values are one, in which order changes of one
    instant were made. Does not: what a value means (models).

    A value is an id, a name and a key (of the issue in its project), of which any may be missing.
#}

{# Jira writes one step at several instants: 0.4 s lay between a creation and its dates in recorded payloads. #}
{% macro soon_before(instant) -%} {{ dbt.dateadd('second', -5, instant) }} {%- endmacro %}
{% macro soon_after(instant) -%} {{ dbt.dateadd('second', 5, instant) }} {%- endmacro %}

{% macro says_nothing(value) -%} coalesce({{ value }}_id, {{ value }}_name, {{ value }}_key) is null {%- endmacro %}

{#
    Ids of a site that was migrated differ where the name is the same, and a thing that was renamed keeps its id. Where
    an id is missing, a key with the same number is the issue's in a project whose key was changed: a move gives
    another one.
#}
{% macro is_same(one, other) -%}
(
    coalesce({{ one }}_id = {{ other }}_id, false)
    or coalesce(lower(trim({{ one }}_name)) = lower(trim({{ other }}_name)), false)
    or coalesce(
        {{ one }}_key = {{ other }}_key
        or (
            ({{ one }}_id is null or {{ other }}_id is null)
            and {{ number_of(one ~ '_key') }} = {{ number_of(other ~ '_key') }}
        ),
        false
    )
    or ({{ says_nothing(one) }} and {{ says_nothing(other) }})
)
{%- endmacro %}

{#
    A CTE of a `with recursive`: the place of each change among those of its instant, `name(issue_id, kind, changed_at,
    history_number, item_number, place)`. One begins where the last ended; ids of histories are no order.
    A change that no other one follows waits while there is one that leads on, so that A-B, B-A, A-C ends in C.
#}
{% macro chain_places(name, changes) -%}
{{ name }}_shared as (
    select
        changes.*,
        exists (
            select 1 from {{ changes }} as others
            where {{ same_instant('changes', 'others') }} and {{ is_same('changes.from', 'others.to') }}
        ) as is_led_to,
        exists (
            select 1 from {{ changes }} as others
            where {{ same_instant('changes', 'others') }} and {{ is_same('changes.to', 'others.from') }}
        ) as leads_on
    from {{ changes }} as changes
    where exists (select 1 from {{ changes }} as others where {{ same_instant('changes', 'others') }})
),

{{ name }} as (
    select * from (
        select
            *, 1 as place, '/' || history_number || '.' || item_number || '/' as path,
            row_number() over (
                partition by issue_id, kind, changed_at order by is_led_to, not leads_on, history_number, item_number
            ) as choice
        from {{ name }}_shared
    ) as begun
    where choice = 1
    union all
    select * from (
        select
            changes.*, chained.place + 1, chained.path || changes.history_number || '.' || changes.item_number || '/',
            row_number() over (
                partition by changes.issue_id, changes.kind, changes.changed_at
                order by
                    not {{ is_same('chained.to', 'changes.from') }}, not changes.leads_on, changes.history_number,
                    changes.item_number
            ) as choice
        from {{ name }} as chained
        inner join {{ name }}_shared as changes
            on chained.issue_id = changes.issue_id and chained.kind = changes.kind
            and chained.changed_at = changes.changed_at
            and position('/' || changes.history_number || '.' || changes.item_number || '/' in chained.path) = 0
    ) as following
    where choice = 1
)
{%- endmacro %}

{# Whether two changes of one field of an issue are of one instant. #}
{% macro same_instant(one, other) -%}
    {{ one }}.issue_id = {{ other }}.issue_id and {{ one }}.kind = {{ other }}.kind
    and {{ one }}.changed_at = {{ other }}.changed_at
    and ({{ one }}.history_number <> {{ other }}.history_number or {{ one }}.item_number <> {{ other }}.item_number)
{%- endmacro %}
