with recursive int_goals__key_result_versions as (select * from {{ ref('int_goals__key_result_versions') }}),
int_goals__objectives as (select * from {{ ref('int_goals__objectives') }}),
stg_files__okr_cycles as (select * from {{ ref('stg_files__okr_cycles') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

result_versions as (
    {{ goal_versions('int_goals__key_result_versions', 'kr_id') }}
),

objective_versions as (
    {{ goal_versions('int_goals__objectives', 'objective_id') }}
),

-- What a key result repeats: those that one continues in a later cycle are one line.
roots as (
    select results.kr_id, results.kr_id as root_id
    from int_goals__key_result_versions as results
    where not exists (
        select 1 from int_goals__key_result_versions as earlier where earlier.kr_id = results.continues_kr_id
    )
    union
    select later.kr_id, roots.root_id
    from roots
    inner join int_goals__key_result_versions as later on roots.kr_id = later.continues_kr_id
),

-- Where it began and its first target are those of its first row.
described as (
    select
        held.kr_id as key_result_id,
        held.objective_id,
        objectives.cycle_id,
        cycles.cycle_name,
        held.kr_name as key_result_name,
        firsts.kr_type,
        held.unit,
        objectives.owner,
        objectives.product_id,
        held.metric,
        held.slice,
        greatest(cycles.start_date, firsts.valid_from) as first_date,
        cycles.end_date,
        cast(firsts.start_value as double) as start_value,
        cast(firsts.target_value as double) as original_target_value,
        cast(held.success_at as double) as success_at,
        cast(held.weight as double) as weight,
        lasts.status,
        lasts.status_date,
        {{ left_date('lasts', 'cycles.end_date') }} as own_left_date,
        objective_lasts.status as objective_status,
        objective_lasts.status_date as objective_status_date,
        {{ left_date('objective_lasts', 'cycles.end_date') }} as objective_left_date,
        held.today
    from result_versions as held
    inner join result_versions as firsts on held.kr_id = firsts.kr_id and firsts.is_first
    inner join result_versions as lasts on held.kr_id = lasts.kr_id and lasts.is_last
    inner join objective_versions as objectives on held.objective_id = objectives.objective_id and objectives.is_held
    inner join objective_versions as objective_lasts
        on held.objective_id = objective_lasts.objective_id and objective_lasts.is_last
    inner join stg_files__okr_cycles as cycles on objectives.cycle_id = cycles.cycle_id
    where held.is_held
),

-- An objective that leaves takes its key results along.
followed as (
    select
        *,
        least(own_left_date, objective_left_date) as left_date,
        objective_left_date < own_left_date as is_left_by_objective
    from described
)

select
    own.key_result_id,
    own.objective_id,
    own.cycle_id,
    own.cycle_name,
    own.key_result_name,
    own.kr_type,
    own.unit,
    own.owner,
    own.product_id,
    own.metric,
    own.slice,
    own.first_date,
    own.end_date,
    own.start_value,
    own.original_target_value,
    own.success_at,
    own.weight,
    case when own.is_left_by_objective then own.objective_status else own.status end as status,
    case when own.is_left_by_objective then own.objective_status_date else own.status_date end as status_date,
    own.left_date,
    own.today,
    case
        when of_line.metric <> 'manual' then
            of_line.metric || coalesce(' ' || of_line.slice, '') || coalesce(' ' || of_line.product_id, '')
            || ' ' || of_line.kr_type
        else of_line.key_result_name
    end as line,
    own.end_date <= own.today as is_over,
    {{ dbt.datediff('own.end_date', 'own.today', 'day') }} >= policy.okr_grading_days as is_graded,
    own.left_date >= own.end_date as has_outcome
from followed as own
inner join roots on own.key_result_id = roots.kr_id
inner join described as of_line on roots.root_id = of_line.key_result_id
cross join int_policies_read as policy
