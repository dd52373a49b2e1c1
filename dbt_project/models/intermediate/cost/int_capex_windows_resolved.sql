-- From when to when work on an epic is capitalised under each regime, and on whose word: from the day on which the last
-- of the regime's criteria is met, up to the day before the epic is ready for use or given up. An epic is meant by any
-- key that it ever had; where two of its keys say different days of one criterion the later one holds, and of what ends
-- it the earlier one.
{% set regimes = {
    'asc350_40_stage': ['preliminary_stage_complete', 'authorised_and_funded', 'probable_to_complete'],
    'asu_2025_06': ['authorised_and_funded', 'no_significant_uncertainty'],
    'ias38': ['technical_feasibility', 'intention', 'ability_to_use', 'future_benefits', 'resources', 'measurable'],
} %}
with stg_files__capex_approvals as (select * from {{ ref('stg_files__capex_approvals') }}),
int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),

criteria as (
    {% for regime, names in regimes.items() %}{% for name in names %}
    select '{{ regime }}' as regime, '{{ name }}' as criterion, 1 as is_needed
    union all
    {% endfor %}
    {% for name in ['ready_for_use', 'abandoned'] %}
    select '{{ regime }}', '{{ name }}', 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

approved as (
    select
        keys.epic_id, approvals.regime, approvals.criterion, approvals.met_date, approvals.approver,
        row_number() over (
            partition by keys.epic_id, approvals.regime, approvals.criterion
            order by
                case when approvals.regime = 'all' then approvals.met_date end, approvals.met_date desc,
                approvals.approver
        ) as place
    from stg_files__capex_approvals as approvals
    inner join int_epic_keys_collected as keys on approvals.epic_key = keys.epic_key
),

judged as (
    select
        epics.epic_id, criteria.regime, criteria.criterion, criteria.is_needed, approved.met_date, approved.approver
    from (select distinct epic_id from approved) as epics
    cross join criteria
    left join approved
        on epics.epic_id = approved.epic_id and criteria.criterion = approved.criterion and approved.place = 1
        and approved.regime = case when criteria.is_needed = 1 then criteria.regime else 'all' end
)

select
    epic_id,
    regime,
    case
        when sum(case when met_date is null then is_needed else 0 end) = 0
            then max(case when is_needed = 1 then met_date end)
    end as begins_date,
    min(case when is_needed = 0 then met_date end) as ends_date,
    min(case when criterion = 'ready_for_use' then met_date end) as ready_for_use_date,
    min(case when criterion = 'abandoned' then met_date end) as abandoned_date,
    {{ dbt.listagg(
        "case when met_date is not null then criterion || ' ' || met_date || ' by ' || approver end", "'; '",
        'order by met_date, criterion'
    ) }} as evidence,
    {{ dbt.listagg(
        "case when met_date is null and is_needed = 1 then criterion end", "', '", 'order by criterion'
    ) }} as missing_criteria
from judged
group by epic_id, regime
