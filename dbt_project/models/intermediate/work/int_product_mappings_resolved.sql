-- For each epic, project and day that is asked for: the products it counts to, by the most precise rule that is valid on the day.
with places as (
    select distinct epic_id, project_key, mapping_date from {{ ref('int_work_item_moments_located') }}
),

-- Epic before project, then exact before the longest prefix before the longest glob.
rules as (
    select
        *,
        case object_type when 'epic' then 1 when 'project' then 2 end as object_rank,
        case match_type when 'exact' then 1 when 'prefix' then 2 when 'glob' then 3 end as match_rank
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
    select distinct keys.object_type, keys.place, rules.*
    from keys
    inner join rules
        on keys.object_type = rules.object_type
        and case rules.match_type
            when 'exact' then keys.place_key = rules.match_key
            when 'prefix' then starts_with(keys.place_key, rules.match_key)
            when 'glob' then {{ text_globs('keys.place_key', 'rules.match_key') }}
        end
),

candidates as (
    select
        places.*,
        matches.product_id,
        matches.weight,
        -- Rows of one rule are a weighted split: they rank the same.
        dense_rank() over (
            partition by places.epic_id, places.project_key, places.mapping_date
            order by matches.object_rank, matches.match_rank, length(matches.match_key) desc, matches.match_key
        ) as precedence
    from places
    left join matches
        on ((matches.object_type = 'epic' and matches.place = places.epic_id)
            or (matches.object_type = 'project' and matches.place = places.project_key))
        and matches.valid_from <= places.mapping_date and places.mapping_date < matches.valid_to
)

select
    epic_id,
    project_key,
    mapping_date,
    coalesce(product_id, 'UNMAPPED') as product_id,
    cast(coalesce(sum(weight), 1) as decimal(18, 6)) as weight
from candidates
where precedence = 1
group by epic_id, project_key, mapping_date, coalesce(product_id, 'UNMAPPED')
