-- A moment counts to each product of its split by weight and to one team; what nobody mapped counts to UNMAPPED and is never dropped.
with teams as (
    select moments.issue_id, moments.moment, moments.moment_number, moments.week_start_date, min(teams.team_id) as team_id
    from {{ ref('int_work_item_moments_located') }} as moments
    inner join {{ ref('stg_files__teams') }} as teams
        on moments.team_name = teams.team_name
        and {{ valid_on('teams', 'moments.mapping_date') }}
    group by moments.issue_id, moments.moment, moments.moment_number, moments.week_start_date
)

select
    moments.issue_id,
    moments.moment,
    moments.moment_number,
    moments.moment_at,
    moments.week_start_date,
    mappings.product_id,
    mappings.weight,
    coalesce(teams.team_id, 'UNMAPPED') as team_id
from {{ ref('int_work_item_moments_located') }} as moments
inner join {{ ref('int_product_mappings_resolved') }} as mappings
    on moments.epic_id is not distinct from mappings.epic_id
    and moments.project_key is not distinct from mappings.project_key
    and moments.mapping_date = mappings.mapping_date
left join teams
    on moments.issue_id = teams.issue_id and moments.moment = teams.moment
    and moments.moment_number = teams.moment_number and moments.week_start_date = teams.week_start_date
