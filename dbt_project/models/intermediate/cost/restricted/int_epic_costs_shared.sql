{%- set regimes = ['asc350_40_stage', 'asu_2025_06', 'ias38'] -%}
{%- set place = ['epic_id', 'initiative_id', 'work_type'] + regimes -%}
-- Each line of people at standard by what they worked on, under each model of effort that knows items, and whether each
-- regime would capitalise it. Somebody's paid days of a period in a team, weekends and leave with them, go to what they
-- worked on then; who did no day's work is UNATTRIBUTED. Every line adds up under every model, to the minor unit.
with fct_effort as (select * from {{ ref('fct_effort') }}),
fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
int_capex_windows_resolved as (select * from {{ ref('int_capex_windows_resolved') }}),
int_people_costs_valued as (select * from {{ ref('int_people_costs_valued') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),

lines as (
    select fiscal_period, function_name, product_id, amount_minor, currency
    from int_people_costs_valued
    where function_name in ('engineering', 'product', 'design') and amount_minor <> 0
),

paid as (
    select
        days.fiscal_period, lower(days.function_name) as function_name, days.worker_id, days.team_id,
        coalesce(products.product_id, 'UNALLOCATED') as product_id,
        sum({{ whole('days.paid_thousandths') }} * coalesce(products.share_millionths, 1000000)) as days_billionths
    from fct_worker_day as days
    left join int_team_products_ranged as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    where days.is_head and days.paid_thousandths > 0
        and lower(days.function_name) in ('engineering', 'product', 'design')
    group by 1, 2, 3, 4, 5
),

-- Who logs no hours in a period would be UNATTRIBUTED for all of it, which says nothing of their work: the default
-- holds for them.
logging as (
    select distinct worker_id, fiscal_period
    from fct_effort
    where effort_model = 'worklogs' and work_item_id <> 'UNATTRIBUTED'
),

models as (
    select 'equal_active_day' as effort_model
    union all
    select 'activity_weighted'
    union all
    select 'story_points'
    union all
    select 'worklogs'
),

windows as (
    select
        epic_id, min(ends_date) as ends_date,
        {% for regime in regimes %}
        min(case when regime = '{{ regime }}' then begins_date end) as {{ regime }}_begins_date
        {{- ',' if not loop.last }}
        {% endfor %}
    from int_capex_windows_resolved
    group by epic_id
),

placed as (
    select
        models.effort_model, effort.fiscal_period, lower(effort.function_name) as function_name, effort.worker_id,
        effort.team_id, effort.epic_id as linked_epic_id, effort.valid_from,
        case
            when effort.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED' else coalesce(effort.epic_id, 'UNMAPPED')
        end as epic_id,
        case
            when effort.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED'
            else coalesce(effort.initiative_id, 'UNMAPPED')
        end as initiative_id,
        case
            when effort.work_item_id = 'UNATTRIBUTED' then 'UNATTRIBUTED' else coalesce(kinds.type_kind, 'UNMAPPED')
        end as work_type,
        effort.share_millionths * {{ whole('effort.capacity_millionths') }} as trillionths
    from fct_effort as effort
    left join logging on effort.worker_id = logging.worker_id and effort.fiscal_period = logging.fiscal_period
    inner join models
        on effort.effort_model = case
            when models.effort_model = 'worklogs' and logging.worker_id is null then 'equal_active_day'
            else models.effort_model
        end
    left join int_work_kinds_resolved as kinds on effort.work_item_id = kinds.issue_id
    where lower(effort.function_name) in ('engineering', 'product', 'design')
),

worked as (
    select
        placed.effort_model, placed.fiscal_period, placed.function_name, placed.worker_id, placed.team_id,
        placed.epic_id, placed.initiative_id, placed.work_type,
        {% for regime in regimes %}
        {% set begins = 'windows.' ~ regime ~ '_begins_date' %}
        case
            when {{ begins }} is null then 'criteria_not_met'
            when placed.valid_from < {{ begins }} then 'before_criteria'
            when placed.valid_from >= windows.ends_date then 'after_use'
            when placed.work_type <> 'feature' then 'no_development'
            else 'capitalised'
        end as {{ regime }},
        {% endfor %}
        sum(placed.trillionths) as trillionths
    from placed
    left join windows on placed.linked_epic_id = windows.epic_id
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
),

totals as (
    select effort_model, fiscal_period, function_name, worker_id, team_id, sum(trillionths) as trillionths
    from worked
    group by 1, 2, 3, 4, 5
),

weighed as (
    select
        models.effort_model, paid.fiscal_period, paid.function_name, paid.product_id,
        {% for column in place %}
        coalesce(worked.{{ column }}, '{{ 'criteria_not_met' if column in regimes else 'UNATTRIBUTED' }}')
            as {{ column }},
        {% endfor %}
        sum(case
            when worked.worker_id is null then paid.days_billionths
            else {{ half_even('paid.days_billionths * worked.trillionths', 'totals.trillionths') }}
        end) as weight
    from paid
    cross join models
    left join totals
        on models.effort_model = totals.effort_model and paid.fiscal_period = totals.fiscal_period
        and paid.function_name = totals.function_name and paid.worker_id = totals.worker_id
        and paid.team_id = totals.team_id
    left join worked
        on totals.effort_model = worked.effort_model and totals.fiscal_period = worked.fiscal_period
        and totals.function_name = worked.function_name and totals.worker_id = worked.worker_id
        and totals.team_id = worked.team_id
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
),

pool as (
    select
        lines.fiscal_period, lines.function_name, lines.product_id, lines.amount_minor, lines.currency,
        models.effort_model,
        {% for column in place %}
        coalesce(weighed.{{ column }}, '{{ 'criteria_not_met' if column in regimes else 'UNATTRIBUTED' }}')
            as {{ column }},
        {% endfor %}
        coalesce(weighed.weight, 1) as weight
    from lines
    cross join models
    left join weighed
        on models.effort_model = weighed.effort_model and lines.fiscal_period = weighed.fiscal_period
        and lines.function_name = weighed.function_name and lines.product_id = weighed.product_id
        and weighed.weight > 0
),

shared as (
    {{ shared_out('pool', ['effort_model', 'fiscal_period', 'function_name', 'product_id'], place, 'amount_minor',
        'weight') }}
)

-- What serves the whole company is no product's here.
select
    effort_model,
    fiscal_period,
    case when product_id = 'OVERHEAD' then 'UNALLOCATED' else product_id end as product_id,
    {% for column in place %}
    {{ column }},
    {% endfor %}
    cast(sum(shared_minor) as bigint) as amount_minor,
    currency
from shared
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 11
having sum(shared_minor) <> 0
