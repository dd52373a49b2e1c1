-- For each event type, project and flag on each day that has events: the products it stands for, by the most precise rule that is valid on the day.
with places as (
    select distinct activity_date, 'event' as object_type, event_type as place_key from {{ ref('int_events_daily') }}
    union all
    select distinct activity_date, 'project', project_id from {{ ref('int_events_daily') }}
    union all
    select distinct activity_date, 'exposure', flag_key from {{ ref('int_events_daily') }} where flag_key is not null
),

matches as (
    select keys.object_type, keys.place_key, rules.match_type, rules.match_key, rules.product_id, rules.weight, rules.valid_from, rules.valid_to
    from (select distinct object_type, place_key from places) as keys
    inner join {{ ref('stg_files__product_maps') }} as rules
        on rules.mapped_source = 'amplitude' and keys.object_type = rules.object_type and {{ rule_matches('keys.place_key', 'rules') }}
),

ranked as (
    select
        places.*, matches.product_id, matches.weight,
        -- Rows of one rule are a weighted split: they rank the same.
        dense_rank() over (partition by places.activity_date, places.object_type, places.place_key order by {{ rule_order() }}) as precedence
    from places
    inner join matches
        on places.object_type = matches.object_type and places.place_key = matches.place_key and {{ valid_on('matches', 'places.activity_date') }}
)

select activity_date, object_type, place_key, product_id, cast(sum(weight) as decimal(18, 6)) as weight
from ranked
where precedence = 1
group by activity_date, object_type, place_key, product_id
