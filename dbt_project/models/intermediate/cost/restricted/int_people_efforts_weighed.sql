{% set billion = 1000000000 %}
-- For whom the people of a function worked in a period, by each model of effort: their paid days, as the model shares
-- their working days. What a model knows no product of (days without an item, items that nobody has mapped) goes by
-- the split of the day's team, as all of it does in `declared`: models differ by what they know. Without pay.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
fct_effort as (select * from {{ ref('fct_effort') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),
int_product_mappings_ranged as {{ inlined() }} (select * from {{ ref('int_product_mappings_ranged') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),

paid as (
    select fiscal_period, worker_id, lower(function_name) as function_name, team_id, work_date, paid_thousandths
    from fct_worker_day
    where is_head and paid_thousandths > 0
),

-- Splits of teams are looked up once a team and day, not once a person and day.
splits as (
    select days.team_id, days.work_date, ranges.valid_from
    from (select distinct team_id, work_date from paid) as days
    inner join (select distinct team_id, valid_from, valid_to from int_team_products_ranged) as ranges
        on days.team_id = ranges.team_id and {{ valid_on('ranges', 'days.work_date') }}
),

worked as (
    select
        paid.fiscal_period, paid.worker_id, paid.function_name, paid.team_id, splits.valid_from as split_from,
        {{ whole('sum(paid.paid_thousandths)') }} as paid_thousandths
    from paid
    left join splits on paid.team_id = splits.team_id and paid.work_date = splits.work_date
    group by 1, 2, 3, 4, 5
),

spent as (
    select
        effort.effort_model, effort.fiscal_period, effort.worker_id,
        case when effort.work_item_id <> 'UNATTRIBUTED' then mappings.product_id end as product_id,
        sum(
            {{ whole('effort.capacity_millionths') }} * effort.share_millionths
                * cast(coalesce(mappings.weight, 1) * 1000000 as bigint)
        ) as spent
    from fct_effort as effort
    inner join int_fiscal_periods_begun as periods on effort.fiscal_period = periods.fiscal_period
    left join int_product_mappings_ranged as mappings
        on effort.work_item_id <> 'UNATTRIBUTED' and effort.epic_id is not distinct from mappings.epic_id
        and effort.project_key = mappings.project_key and {{ valid_on('mappings', 'periods.as_of_date') }}
    where effort.effort_model <> 'declared'
    group by 1, 2, 3, 4
),

-- Of a person's period in billionths, down, so that nobody has worked more than it.
known as (
    select
        effort_model, fiscal_period, worker_id, product_id,
        {{ whole_quotient('spent * ' ~ billion,
            'sum(spent) over (partition by effort_model, fiscal_period, worker_id)') }} as share_billionths
    from spent
),

unknown as (
    select
        effort_model, fiscal_period, worker_id,
        {{ billion }} - sum(case when product_id <> 'UNMAPPED' then share_billionths else 0 end) as share_billionths
    from known
    group by 1, 2, 3
),

shares as (
    select
        known.effort_model, worked.fiscal_period, worked.function_name, known.product_id,
        worked.paid_thousandths * known.share_billionths * 1000000 as weight
    from worked
    inner join known on worked.fiscal_period = known.fiscal_period and worked.worker_id = known.worker_id
    where known.product_id <> 'UNMAPPED'
    union all
    select
        models.effort_model, worked.fiscal_period, worked.function_name, coalesce(products.product_id, 'UNALLOCATED'),
        worked.paid_thousandths * coalesce(unknown.share_billionths, {{ billion }})
            * coalesce(products.share_millionths, 1000000)
    from worked
    cross join (
        select 'declared' as effort_model
        {% for model in ['equal_active_day', 'activity_weighted', 'story_points', 'worklogs'] %}
        union all
        select '{{ model }}'
        {% endfor %}
    ) as models
    left join unknown
        on models.effort_model = unknown.effort_model and worked.fiscal_period = unknown.fiscal_period
        and worked.worker_id = unknown.worker_id
    left join int_team_products_ranged as products
        on worked.team_id = products.team_id and worked.split_from = products.valid_from
)

select effort_model, fiscal_period, function_name, product_id, cast(sum(weight) as decimal(38, 0)) as weight
from shares
group by 1, 2, 3, 4
having sum(weight) > 0
