-- Whom a team works for on each day that a file says anything about it. Without a row of team_products.csv a team of
-- engineering is UNALLOCATED, so that a forgotten row shows; any other function serves the whole company.
with cuts as (
    {% for model in ['stg_files__teams', 'stg_files__team_products'] %}{% for day in ['valid_from', 'valid_to'] %}
    select team_id, {{ day }} as day from {{ ref(model) }}
    {{ 'union' if not (loop.last and model == 'stg_files__team_products') }}
    {% endfor %}{% endfor %}
),

segments as (
    select team_id, day as valid_from, lead(day) over (partition by team_id order by day) as valid_to from cuts
)

select
    segments.team_id,
    coalesce(
        shares.product_id,
        case
            when lower({{ function_of('teams.function_name') }}) <> 'engineering' then 'OVERHEAD'
            else 'UNALLOCATED'
        end
    ) as product_id,
    cast(coalesce(shares.share, 1) * 1000000 as bigint) as share_millionths,
    segments.valid_from,
    segments.valid_to
from segments
left join {{ ref('stg_files__team_products') }} as shares
    on segments.team_id = shares.team_id and {{ valid_on('shares', 'segments.valid_from') }}
left join {{ ref('stg_files__teams') }} as teams
    on segments.team_id = teams.team_id and {{ valid_on('teams', 'segments.valid_from') }}
where segments.valid_to is not null
