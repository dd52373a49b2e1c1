-- What each key result was on which days. Rows that are dated say so themselves. Of one that is not, a target that was
-- edited in place holds from the day of its load, and a row that went while its cycle ran was cancelled then. Of one in
-- Jira the target and the weight of its first day are the original ones; a later change holds from its own day.
with stg_files__key_results as {{ inlined() }} (select * from {{ ref('stg_files__key_results') }}),
stg_files__key_result_versions as (select * from {{ ref('stg_files__key_result_versions') }}),
stg_files__key_result_targets as (select * from {{ ref('stg_files__key_result_targets') }}),
int_goals__objectives as (select * from {{ ref('int_goals__objectives') }}),
int_goals__issues as (select * from {{ ref('int_goals__issues') }}),
int_goals__issue_numbers as (select * from {{ ref('int_goals__issue_numbers') }}),
stg_files__okr_cycles as (select * from {{ ref('stg_files__okr_cycles') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

cycles as (
    select distinct objectives.objective_id, cycles.start_date, cycles.end_date
    from int_goals__objectives as objectives
    inner join stg_files__okr_cycles as cycles on objectives.cycle_id = cycles.cycle_id
),

landed as (
    select
        versions.*,
        cast({{ to_local('versions.landed_at', 'policy.reporting_time_zone') }} as date) as landed_date
    from stg_files__key_result_versions as versions
    cross join int_policies_read as policy
),

followed as (
    select
        landed.*,
        row_number() over (partition by record_id order by load_id desc, sequence desc) as place_back,
        lead(is_deleted) over versions as is_next_gone,
        lead(landed_date) over versions as gone_date,
        lead(load_id) over versions as gone_load_id
    from landed
    window versions as (partition by record_id order by load_id, sequence)
),

-- The last that its rows said before the last of them went; what went before its cycle began was only planned.
gone as (
    select
        followed.*, cycles.end_date, max(followed.gone_load_id) over (partition by followed.kr_id) as last_load_id
    from followed
    inner join cycles on followed.objective_id = cycles.objective_id
    where followed.place_back = 2 and followed.is_next_gone and not followed.is_deleted
        and followed.gone_date > cycles.start_date
        and not exists (select 1 from stg_files__key_results as held where held.kr_id = followed.kr_id)
),

said as (
    select
        {{ key_result_names() }},
        false as is_removed,
        valid_from = date '0001-01-01' and valid_to = date '9999-12-31' as is_undated
    from stg_files__key_results
    union all
    select
        {{ key_result_names({
            'status': "case when gone_date < end_date then 'cancelled' else status end",
            'status_date': 'case when gone_date < end_date then gone_date else status_date end',
        }) }},
        true,
        false
    from gone
    where gone_load_id = last_load_id
),

-- What is loaded up to the first day of the cycle is planning: the last of it is the target with which it begins. Of a
-- cycle that was over when it was loaded first, the newest is; what is loaded after the end changes nothing else.
numbered as (
    select
        landed.kr_id, landed.target_value, landed.landed_date, cycles.start_date, cycles.end_date,
        row_number() over (partition by landed.kr_id order by landed.load_id, landed.sequence) as place
    from landed
    inner join said on landed.kr_id = said.kr_id and landed.valid_from = said.valid_from and said.is_undated
    inner join cycles on said.objective_id = cycles.objective_id
    where not landed.is_deleted
),

begun as (
    select
        numbered.*,
        coalesce(
            max(case when landed_date <= start_date then place end) over versions,
            case when min(landed_date) over versions >= end_date then max(place) over versions end,
            1
        ) as first_place
    from numbered
    window versions as (partition by kr_id)
),

-- A day has its last target; one that a revision names is no edit, whenever the row follows it.
targets as (
    select
        kr_id, since_date, target_value, is_first,
        lag(target_value) over (partition by kr_id order by since_date) as earlier_value
    from (
        select
            begun.kr_id, begun.target_value, begun.place = begun.first_place as is_first,
            case when begun.place = begun.first_place then date '0001-01-01' else begun.landed_date end as since_date,
            row_number() over (
                partition by begun.kr_id, begun.place = begun.first_place, begun.landed_date order by begun.place desc
            ) as place_back
        from begun
        left join stg_files__key_result_targets as revisions
            on begun.kr_id = revisions.kr_id and begun.target_value = revisions.target_value
        where begun.place = begun.first_place
            or (begun.place > begun.first_place and begun.landed_date < begun.end_date and revisions.kr_id is null)
    ) as loaded
    where place_back = 1
),

edits as (
    select
        kr_id, since_date, target_value, not is_first as is_edited,
        lead(since_date, 1, date '9999-12-31') over (partition by kr_id order by since_date) as until_date
    from targets
    where is_first or target_value is distinct from earlier_value
),

-- An issue that was written down in its cycle begins with that day, one that was written down later with the cycle.
issues as (
    select
        issues.*, cycles.start_date, cycles.end_date, issues.created_date >= cycles.end_date as is_late,
        case
            when issues.created_date < cycles.end_date then greatest(issues.created_date, cycles.start_date)
            else cycles.start_date
        end as first_date
    from int_goals__issues as issues
    inner join cycles on issues.parent_goal_id = cycles.objective_id
    where issues.goal_kind = 'key_result'
),

-- The last of each day; what came before the first day is of the first, what came after the end is of none.
shown as (
    select *
    from (
        select
            numbers.goal_id, numbers.field, numbers.number,
            case when issues.is_late then issues.first_date else greatest(numbers.since_date, issues.first_date) end
                as day,
            row_number() over (
                partition by numbers.goal_id, numbers.field,
                    case when issues.is_late then issues.first_date
                        else greatest(numbers.since_date, issues.first_date) end
                order by numbers.place desc
            ) as place_back
        from int_goals__issue_numbers as numbers
        inner join issues on numbers.goal_id = issues.goal_id
        where numbers.field in ('target_value', 'weight')
            and (issues.is_late or numbers.since_date < issues.end_date)
    ) as placed
    where place_back = 1
),

moved as (
    select
        goal_id, day,
        {% for field in ['target_value', 'weight'] %}
        max(case when field = '{{ field }}' then number end) as {{ field }},
        sum(max(case when field = '{{ field }}' then 1 else 0 end)) over (partition by goal_id order by day)
            as {{ field }}_number{{ ',' if not loop.last }}
        {% endfor %}
    from shown
    group by goal_id, day
),

-- Where it began: as the field says, else with its first value.
values_begun as (
    select
        issues.*, coalesce(issues.start_value, firsts.number) as begun_value, firsts.number is null as has_no_value
    from issues
    left join (
        select goal_id, number, row_number() over (partition by goal_id order by place) as place
        from int_goals__issue_numbers
        where field = 'current_value' and number is not null
    ) as firsts on issues.goal_id = firsts.goal_id and firsts.place = 1
),

described as (
    select
        begun.*, moved.day,
        lead(moved.day) over (partition by moved.goal_id order by moved.day) as next_day,
        moved.day = begun.first_date as is_first,
        max(moved.target_value) over (partition by moved.goal_id, moved.target_value_number) as target_then,
        max(moved.weight) over (partition by moved.goal_id, moved.weight_number) as weight_then,
        count(moved.target_value) over (partition by moved.goal_id) = 0 as has_no_target
    from moved
    inner join values_begun as begun on moved.goal_id = begun.goal_id
),

-- Which way it goes is what its numbers say; one without any is done or not.
in_jira as (
    select
        goal_id as kr_id, parent_goal_id as objective_id, goal_name as kr_name,
        case
            when has_no_target and has_no_value then 'binary'
            when target_then is null then 'baseline'
            when target_then < begun_value then 'decrease'
            else 'increase'
        end as kr_type,
        cast(null as {{ dbt.type_string() }}) as unit,
        case when not (has_no_target and has_no_value) then begun_value end as start_value,
        case when has_no_target and has_no_value then 1 else target_then end as target_value,
        coalesce(weight_then, 1) as weight,
        'manual' as metric, cast(null as {{ dbt.type_string() }}) as slice, 1 as success_at,
        case when closed_date is not null and is_not_done then 'cancelled' else 'active' end as status,
        case when is_not_done then closed_date end as status_date,
        cast(null as {{ dbt.type_string() }}) as continues_kr_id,
        case when is_first and first_date = start_date then date '0001-01-01' else day end as valid_from,
        coalesce(next_day, date '9999-12-31') as valid_to
    from described
)

select
    {{ key_result_names({
        'target_value': 'case when edits.kr_id is null then said.target_value else edits.target_value end',
        'valid_from': 'coalesce(edits.since_date, said.valid_from)',
        'valid_to': 'coalesce(edits.until_date, said.valid_to)',
    }, 'said.') }},
    coalesce(edits.is_edited, false) as is_edited,
    said.is_removed
from said
left join edits on said.is_undated and said.kr_id = edits.kr_id
union all
select {{ key_result_names() }}, false, false
from in_jira
