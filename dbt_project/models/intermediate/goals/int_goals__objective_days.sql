-- The score of each objective on each day on which anybody looked at anything that contributes to it.
with recursive int_goals__objectives as (select * from {{ ref('int_goals__objectives') }}),
stg_files__okr_cycles as (select * from {{ ref('stg_files__okr_cycles') }}),
int_goals__key_result_versions as (select * from {{ ref('int_goals__key_result_versions') }}),
int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_goals__key_result_days as (select * from {{ ref('int_goals__key_result_days') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

objective_versions as (
    {{ goal_versions('int_goals__objectives', 'objective_id') }}
),

objectives as (
    select
        held.objective_id, held.cycle_id, cycles.cycle_name, held.objective_name, held.owner, held.product_id,
        held.parent_goal_id, held.link_type, lasts.status, cycles.end_date, held.today,
        greatest(cycles.start_date, firsts.valid_from) as first_date,
        {{ left_date('lasts', 'cycles.end_date') }} as left_date
    from objective_versions as held
    inner join objective_versions as firsts on held.objective_id = firsts.objective_id and firsts.is_first
    inner join objective_versions as lasts on held.objective_id = lasts.objective_id and lasts.is_last
    inner join stg_files__okr_cycles as cycles on held.cycle_id = cycles.cycle_id
    where held.is_held
),

goals as (
    select
        objective_id as goal_id, false as is_key_result, first_date, end_date, left_date,
        cast(null as {{ dbt.type_string() }}) as kr_type
    from objectives
    union all
    select key_result_id, true, first_date, end_date, left_date, kr_type from int_goals__key_results
),

-- The weight of a goal and the days on which it has it.
weights as (
    select
        goal_id, weight,
        case when place = 1 then date '0001-01-01' else valid_from end as valid_from,
        coalesce(next_from, date '9999-12-31') as valid_to
    from (
        select
            *,
            row_number() over (partition by goal_id order by valid_from) as place,
            lead(valid_from) over (partition by goal_id order by valid_from) as next_from
        from (
            select objective_id as goal_id, cast(weight as double) as weight, valid_from from int_goals__objectives
            union all
            select kr_id, cast(weight as double), valid_from from int_goals__key_result_versions
        ) as versions
    ) as ordered
),

edges as (
    {{ goal_contributions('objectives') }}
),

below as (
    select objective_id, objective_id as goal_id from objectives
    union
    select below.objective_id, edges.child_id
    from below
    inner join edges on below.goal_id = edges.parent_id
),

lives as (
    select
        *,
        cast({{ dbt.dateadd('day', -1, 'least(end_date, left_date, ' ~ dbt.dateadd('day', 1, 'today') ~ ')') }} as date)
            as last_date
    from objectives
),

asked as (
    select objective_id, last_date as day from lives where last_date >= first_date
    union
    select lives.objective_id, days.day
    from lives
    inner join below on lives.objective_id = below.objective_id
    inner join int_goals__key_result_days as days
        on below.goal_id = days.key_result_id and days.day between lives.first_date and lives.last_date
),

-- Where each key result below stood last; against its original target and against that of the day.
stood as (
    select *
    from (
        select
            asked.objective_id, asked.day, days.key_result_id, days.progress, days.original_progress,
            row_number() over (
                partition by asked.objective_id, asked.day, days.key_result_id order by days.day desc
            ) as place
        from asked
        inner join below on asked.objective_id = below.objective_id
        inner join int_goals__key_result_days as days
            on below.goal_id = days.key_result_id and days.day <= asked.day
    ) as ranked
    where place = 1
),

members as (
    select
        asked.objective_id, asked.day, sides.side, edges.parent_id, edges.child_id, edges.share,
        children.is_key_result, weights.weight,
        case when children.kr_type in ('stay-above', 'stay-below') then 1
            else {{ life_over('asked.day', 'children.first_date', 'children.end_date', 'policy.okr_pace_ends') }}
        end as due,
        {{ clipped("case sides.side when 'current' then own.progress else own.original_progress end") }} as value,
        policy.okr_score_from, policy.okr_without_value
    from asked
    cross join int_policies_read as policy
    cross join (select 'current' as side union all select 'original') as sides
    inner join below on asked.objective_id = below.objective_id
    inner join edges on below.goal_id = edges.parent_id and {{ valid_on('edges', 'asked.day') }}
    inner join goals as children
        on edges.child_id = children.goal_id and children.first_date <= asked.day and asked.day < children.left_date
    inner join weights on edges.child_id = weights.goal_id and {{ valid_on('weights', 'asked.day') }}
    left join stood as own
        on asked.objective_id = own.objective_id and asked.day = own.day and edges.child_id = own.key_result_id
    left join stood as parents
        on asked.objective_id = parents.objective_id and asked.day = parents.day
        and edges.parent_id = parents.key_result_id
    -- A key result that has a value is that value, whatever stands below it.
    where case sides.side when 'current' then parents.progress else parents.original_progress end is null
),

chosen as (
    select *
    from (
        select
            *, max(case when is_key_result then 0 else 1 end) over (
                partition by objective_id, day, side, parent_id
            ) = 1 as has_objectives
        from members
    ) as known
    where okr_score_from = 'both'
        or parent_id in (select key_result_id from int_goals__key_results)
        or (okr_score_from = 'key_results' and is_key_result)
        or (okr_score_from = 'children' and is_key_result <> has_objectives)
),

reached as (
    select distinct objective_id, day, side, objective_id as goal_id from chosen
    union
    select chosen.objective_id, chosen.day, chosen.side, chosen.child_id
    from reached
    inner join chosen
        on reached.objective_id = chosen.objective_id and reached.day = chosen.day and reached.side = chosen.side
        and reached.goal_id = chosen.parent_id
),

-- Who has several parents in a scope counts once in it: by their shares, the unsaid having what the others leave.
shared as (
    select
        *,
        coalesce(
            part / nullif({{ steady_sum('part', 'over (partition by objective_id, day, side, child_id)') }}, 0), 0
        ) * weight as force
    from (
        select
            chosen.*,
            case
                when coalesce(parents.said, 0) = 0 then 1.0
                else coalesce(chosen.share, greatest(1 - parents.said, 0) / parents.unsaid)
            end as part
        from chosen
        inner join reached
            on chosen.objective_id = reached.objective_id and chosen.day = reached.day and chosen.side = reached.side
            and chosen.parent_id = reached.goal_id
        inner join (
            select
                asked.objective_id, asked.day, edges.child_id,
                {{ steady_sum('edges.share') }} as said,
                sum(case when edges.share is null then 1 else 0 end) as unsaid
            from asked
            inner join below on asked.objective_id = below.objective_id
            inner join edges on below.goal_id = edges.child_id and {{ valid_on('edges', 'asked.day') }}
            group by asked.objective_id, asked.day, edges.child_id
        ) as parents
            on chosen.objective_id = parents.objective_id and chosen.day = parents.day
            and chosen.child_id = parents.child_id
    ) as parts
),

-- Whatever has a score: a value, or something with a score and a weight below it.
scored as (
    select distinct objective_id, day, side, child_id as goal_id, value is not null as is_known
    from shared
    where is_key_result and (value is not null or okr_without_value = 'zero')
    union
    select shared.objective_id, shared.day, shared.side, shared.parent_id, scored.is_known
    from scored
    inner join shared
        on scored.objective_id = shared.objective_id and scored.day = shared.day and scored.side = shared.side
        and scored.goal_id = shared.child_id and shared.force > 0
),

known as (
    select
        shared.*,
        scored.has_known as is_known,
        scored.goal_id is not null as is_scored,
        case when scored.goal_id is null then 0.0 else shared.force end as scored_force,
        parents.goal_id is null or shared.value is not null as is_leaf
    from shared
    left join (
        select objective_id, day, side, goal_id, max(is_known) as has_known
        from scored group by objective_id, day, side, goal_id
    ) as scored
        on shared.objective_id = scored.objective_id and shared.day = scored.day and shared.side = scored.side
        and shared.child_id = scored.goal_id
    left join (
        select distinct shared.objective_id, shared.day, shared.side, shared.parent_id as goal_id
        from shared
        inner join scored
            on shared.objective_id = scored.objective_id and shared.day = scored.day and shared.side = scored.side
            and shared.child_id = scored.goal_id
        where shared.force > 0
    ) as parents
        on shared.objective_id = parents.objective_id and shared.day = parents.day and shared.side = parents.side
        and shared.child_id = parents.goal_id
),

portions as (
    select
        *,
        scored_force
            / {{ steady_sum('scored_force', 'over (partition by objective_id, day, side, parent_id)') }} as portion
    from known
    where scored_force > 0
),

paths as (
    select objective_id, day, side, child_id, is_leaf, value, due, portion
    from portions
    where parent_id = objective_id
    union all
    select
        portions.objective_id, portions.day, portions.side, portions.child_id, portions.is_leaf, portions.value,
        portions.due, paths.portion * portions.portion
    from paths
    inner join portions
        on paths.objective_id = portions.objective_id and paths.day = portions.day and paths.side = portions.side
        and paths.child_id = portions.parent_id
    where not paths.is_leaf
),

scores as (
    select
        objective_id, day,
        {% for side in ['current', 'original'] %}
        {{ steady_sum("case when side = '" ~ side ~ "' then portion * coalesce(value, 0) end") }} as {{ side }}_score,
        {% endfor %}
        {{ steady_sum("case when side = 'current' then portion * due end") }} as due
    from paths
    where is_leaf
    group by objective_id, day
),

counts as (
    select
        objective_id, day,
        {% for name, of in [('key_results', 'is_key_result'), ('objectives', 'not is_key_result')] %}
        sum(case when {{ of }} then 1 else 0 end) as {{ name }},
        sum(case when {{ of }} and is_known then 1 else 0 end) as {{ name }}_scored,
        {% endfor %}
        max(is_scored) as has_scored,
        {{ steady_sum('case when is_key_result then weight else 0 end') }} as weight_total,
        {{ steady_sum('case when is_key_result and is_known then weight else 0 end') }} as weight_scored
    from known
    where parent_id = objective_id and side = 'current'
    group by objective_id, day
)

select
    lives.objective_id,
    lives.cycle_id,
    lives.cycle_name,
    lives.objective_name,
    lives.owner,
    lives.product_id,
    lives.parent_goal_id,
    lives.link_type,
    lives.status,
    lives.first_date,
    lives.end_date,
    lives.left_date,
    lives.today,
    asked.day,
    asked.day = lives.last_date as is_last,
    weights.weight,
    scores.current_score as score,
    scores.original_score,
    case
        when counts.objective_id is null then 'no_key_results'
        when scores.current_score is not null then null
        when counts.has_scored then 'no_weight'
        else 'no_value'
    end as reason,
    scores.due,
    cast(coalesce(counts.key_results, 0) as bigint) as key_results,
    cast(coalesce(counts.key_results_scored, 0) as bigint) as key_results_scored,
    cast(coalesce(counts.objectives, 0) as bigint) as objectives,
    cast(coalesce(counts.objectives_scored, 0) as bigint) as objectives_scored,
    coalesce(counts.weight_total, 0) as weight_total,
    coalesce(counts.weight_scored, 0) as weight_scored
from asked
inner join lives on asked.objective_id = lives.objective_id
inner join weights on asked.objective_id = weights.goal_id and {{ valid_on('weights', 'lives.today') }}
left join scores on asked.objective_id = scores.objective_id and asked.day = scores.day
left join counts on asked.objective_id = counts.objective_id and asked.day = counts.day
