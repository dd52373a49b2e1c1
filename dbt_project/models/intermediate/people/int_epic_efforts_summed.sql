-- No pay and nobody by name; but a team may be one person, so it stays restricted until disclosure control reads it. A
-- split that a team declares names products and no epics.
with fct_effort as (select * from {{ ref('fct_effort') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }})

select
    effort.effort_model,
    effort.fiscal_period,
    effort.team_id,
    case when effort.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED' else coalesce(effort.epic_id, 'UNMAPPED') end
        as epic_id,
    case
        when effort.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED' else coalesce(effort.initiative_id, 'UNMAPPED')
    end as initiative_id,
    case when effort.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED' else coalesce(kinds.type_kind, 'UNMAPPED') end
        as work_kind,
    cast(
        cast(sum(effort.share_millionths * {{ whole('effort.capacity_millionths') }}) as decimal(26, 0))
            * 0.000000000001 as decimal(38, 12)
    ) as fte_days
from fct_effort as effort
left join int_work_kinds_resolved as kinds on effort.work_item_id = kinds.issue_id
where effort.effort_model <> 'declared'
group by 1, 2, 3, 4, 5, 6
