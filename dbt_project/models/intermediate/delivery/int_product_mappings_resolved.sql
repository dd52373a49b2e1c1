-- For each epic, project and day that is asked for: the products it counts to, by the most precise rule that is valid on the day.
with places as (
    select distinct epic_id, project_key, mapping_date from {{ ref('int_work_item_timestamps_located') }}
),

-- Epic before project.
rules as (
    select *, case object_type when 'epic' then 1 when 'project' then 2 end as object_rank
    from {{ ref('stg_files__product_maps') }}
    where mapped_source = 'jira'
),

keys as (
    select 'epic' as object_type, keys.epic_id as place, keys.epic_key as place_key
    from {{ ref('int_epic_keys_collected') }} as keys
    inner join (select distinct epic_id from places) as asked on keys.epic_id = asked.epic_id
    union all
    select distinct 'project', project_key, project_key from places where project_key is not null
),

matches as (
    select distinct
        keys.object_type, keys.place, rules.product_id, rules.weight, rules.match_key, rules.valid_from, rules.valid_to, rules.object_rank, rules.match_type
    from keys
    inner join rules
        on keys.object_type = rules.object_type
        and {{ rule_matches('keys.place_key', 'rules') }}
),

candidates as (
    select places.*, matches.*
    from places
    inner join matches on matches.object_type = 'epic' and places.epic_id = matches.place and {{ valid_on('matches', 'places.mapping_date') }}
    union all
    select places.*, matches.*
    from places
    inner join matches on matches.object_type = 'project' and places.project_key = matches.place and {{ valid_on('matches', 'places.mapping_date') }}
),

ranked as (
    select
        *,
        -- Rows of one rule are a weighted split: they rank the same.
        dense_rank() over (
            partition by epic_id, project_key, mapping_date order by object_rank, {{ rule_order() }}
        ) as precedence
    from candidates
),

chosen as (
    select epic_id, project_key, mapping_date, product_id, sum(weight) as weight
    from ranked
    where precedence = 1
    group by epic_id, project_key, mapping_date, product_id
)

select
    places.epic_id,
    places.project_key,
    places.mapping_date,
    coalesce(chosen.product_id, 'UNMAPPED') as product_id,
    cast(coalesce(chosen.weight, 1) as decimal(18, 6)) as weight
from places
left join chosen
    on places.epic_id is not distinct from chosen.epic_id
    and places.project_key is not distinct from chosen.project_key
    and places.mapping_date = chosen.mapping_date
