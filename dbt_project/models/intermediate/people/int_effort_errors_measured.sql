-- Of the hours that a team logged in a period, the part that a model puts on other products: half the sum, over
-- products, of the differences between what the model gives a product of the logged part of each day and what the
-- worklogs give it. Cost is published by team, period and product, so what evens out within them is no error.
with fct_effort as {{ inlined() }} (select * from {{ ref('fct_effort') }}),
int_product_mappings_ranged as (select * from {{ ref('int_product_mappings_ranged') }}),

logged as (
    select
        worker_id, valid_from as log_date, fiscal_period, team_id, capacity_millionths,
        {{ whole('sum(share_millionths)') }} as logged_millionths
    from fct_effort
    where effort_model = 'worklogs' and work_item_id <> 'UNATTRIBUTED'
    group by worker_id, valid_from, fiscal_period, team_id, capacity_millionths
),

days as (
    select
        effort.effort_model, logged.fiscal_period, logged.team_id, logged.log_date,
        effort.work_item_id, effort.epic_id, effort.project_key, effort.product_id,
        logged.capacity_millionths * {{ whole('effort.share_millionths') }} * case
            when effort.effort_model = 'worklogs' then 1000000 else logged.logged_millionths
        end as weight
    from logged
    inner join fct_effort as effort
        on logged.worker_id = effort.worker_id and {{ valid_on('effort', 'logged.log_date') }}
    where effort.effort_model <> 'worklogs' or effort.work_item_id <> 'UNATTRIBUTED'
),

placed as (
    select
        days.effort_model, days.fiscal_period, days.team_id,
        case
            when days.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED'
            else coalesce(days.product_id, mappings.product_id)
        end as product_id,
        sum(days.weight * {{ whole('coalesce(mappings.weight, 1) * 1000000') }}) as weight
    from days
    left join int_product_mappings_ranged as mappings
        on days.work_item_id <> 'UNATTRIBUTED' and days.epic_id is not distinct from mappings.epic_id
        and days.project_key = mappings.project_key and {{ valid_on('mappings', 'days.log_date') }}
    group by 1, 2, 3, 4
),

differences as (
    select effort_model, fiscal_period, team_id, product_id, sum(weight) as difference
    from (
        select * from placed where effort_model <> 'worklogs'
        union all
        select models.effort_model, placed.fiscal_period, placed.team_id, placed.product_id, -placed.weight
        from placed
        cross join (select distinct effort_model from placed where effort_model <> 'worklogs') as models
        where placed.effort_model = 'worklogs'
    ) as sides
    group by effort_model, fiscal_period, team_id, product_id
),

totals as (
    select
        fiscal_period, team_id, cast(count(*) as bigint) as logged_days,
        cast(count(distinct worker_id) as bigint) as logged_heads,
        sum(capacity_millionths * logged_millionths) as logged_trillionths
    from logged
    group by fiscal_period, team_id
)

select
    differences.effort_model,
    differences.fiscal_period,
    differences.team_id,
    totals.logged_days,
    totals.logged_heads,
    cast(cast(totals.logged_trillionths as decimal(26, 0)) * 0.000000000001 as decimal(38, 12)) as logged_fte_days,
    cast(
        cast({{ half_even('sum(abs(differences.difference))', '2 * totals.logged_trillionths * 1000000') }}
            as decimal(18, 0)) * 0.000001 as decimal(9, 6)
    ) as error_ratio
from differences
inner join totals on differences.fiscal_period = totals.fiscal_period and differences.team_id = totals.team_id
group by
    differences.effort_model, differences.fiscal_period, differences.team_id, totals.logged_days,
    totals.logged_heads, totals.logged_trillionths
