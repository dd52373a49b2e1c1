{#
    Whole minor units over cells that must add up: by rows and columns at once, and to a total where some are negative.
    Belongs here: arithmetic of tables of amounts. Does not: one amount by weights (money.sql), any figure.
#}

{#
    Parts of rows by columns of the same pool, so that both each row and each column adds up: every row of `rows`
    with every column of `columns` and its part as `part_minor`. Both relations have the `pool` columns; `amount` and
    `target` are bigints that come to the same total in a pool. A part is what the running totals of rows (by
    `row_order`) and columns (by `names`) come to at its end less what they came to before it, each rounded half to
    even. Where the total is nothing all rows are those of the column that is `is_rest`.
#}
{% macro both_ways(rows, columns, pool, amount, row_order, target, names) -%}
select
    *,
    case
        when whole_minor = 0 then case when is_rest then {{ amount }} else 0 end
        {%- set ends = [] %}
        {%- for down, across, sign in [
            ('down_minor', 'across_minor', '+'), ('down_minor - ' ~ amount, 'across_minor', '-'),
            ('down_minor', 'across_minor - ' ~ target, '-'),
            ('down_minor - ' ~ amount, 'across_minor - ' ~ target, '+'),
        ] %}
        {%- do ends.append(sign ~ ' ' ~ half_even(
            whole('sign(whole_minor)') ~ ' * ' ~ whole('(' ~ down ~ ')') ~ ' * (' ~ across ~ ')', 'abs(whole_minor)'
        )) %}
        {%- endfor %}
        else {{ ends | join('\n            ') }}
    end as part_minor
from (
    select
        rows_of_pool.*,
        {% for name in names + ['is_rest', target, 'across_minor', 'whole_minor'] %}
        columns_of_pool.{{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select *, sum({{ amount }}) over (
            partition by {{ pool | join(', ') }} order by {{ row_order | join(', ') }}
            rows between unbounded preceding and current row
        ) as down_minor
        from {{ rows }}
    ) as rows_of_pool
    inner join (
        select
            *,
            sum({{ target }}) over (
                partition by {{ pool | join(', ') }} order by {{ names | join(', ') }}
                rows between unbounded preceding and current row
            ) as across_minor,
            sum({{ target }}) over (partition by {{ pool | join(', ') }}) as whole_minor
        from {{ columns }}
    ) as columns_of_pool
        on {% for name in pool %}{{ 'and ' if not loop.first }}rows_of_pool.{{ name }} = columns_of_pool.{{ name }}
        {% endfor %}
) as crossed
{%- endmacro %}

{#
    Cells of a pool that add up to `total`, as `fitted_minor`. Cells of the sign that the pool comes to share what the
    others leave, by their size; the others stay as they are (`kept`, of `cell`). There is no cell of nothing.
#}
{% macro fitted(relation, pool, names, cell, kept, total) -%}
{%- set by_pool = 'partition by ' ~ pool | join(', ') -%}
select *, case when weight > 0 then shared_minor else kept_minor end as fitted_minor
from (
    {{ shared_out('(
        select
            *, ' ~ total ~ ' - sum(kept_minor) over (' ~ by_pool ~ ') as left_minor
        from (
            select
                *,
                case when side * ' ~ cell ~ ' > 0 then abs(' ~ cell ~ ') else 0 end as weight,
                case when side * ' ~ cell ~ ' > 0 then 0 else ' ~ kept ~ ' end as kept_minor
            from (
                select *, case when sum(' ~ cell ~ ') over (' ~ by_pool ~ ') >= 0 then 1 else -1 end as side
                from ' ~ relation ~ '
            ) as sided
        ) as kept
    ) as given', pool, names, 'left_minor', 'weight') }}
) as shared
{%- endmacro %}
