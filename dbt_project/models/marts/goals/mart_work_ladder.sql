{%- set ladder = ['epic_id', 'initiative_id', 'key_result_id'] -%}
-- Money is what mart_epic_cost has of each epic, shared over teams and key results by the days that they have of it.
with recursive int_ladder_efforts_shared as (select * from {{ ref('int_ladder_efforts_shared') }}),
int_epic_costs_shared as (select * from {{ ref('int_epic_costs_shared') }}),
int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_goals__objectives as (select * from {{ ref('int_goals__objectives') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
dim_team as {{ inlined() }} (select * from {{ ref('dim_team') }}),

books as (
    select fiscal_period, currency from int_epic_costs_shared group by fiscal_period, currency
),

costs as (
    select fiscal_period, product_id, rung_epic_id as epic_id, parent_id, sum(amount_minor) as amount_minor
    from ({{ rungs("(select * from int_epic_costs_shared where effort_model = 'equal_active_day')") }}) as placed
    group by 1, 2, 3, 4
    having sum(amount_minor) <> 0
),

-- Of whom nobody worked a day in the period, nobody knows the team either.
pool as (
    select
        costs.fiscal_period, costs.product_id, costs.epic_id, costs.parent_id,
        cast(costs.amount_minor as bigint) as amount_minor,
        coalesce(days.team_id, 'UNMAPPED') as team_id,
        coalesce(days.initiative_id, costs.parent_id) as initiative_id,
        coalesce(
            days.key_result_id, case when costs.epic_id = 'UNATTRIBUTED' then 'UNATTRIBUTED' else 'UNMAPPED' end
        ) as key_result_id,
        coalesce(days.head_day_millionths, 1) as weight
    from costs
    left join int_ladder_efforts_shared as days
        on costs.fiscal_period = days.fiscal_period and costs.product_id = days.product_id
        and costs.epic_id = days.epic_id and costs.parent_id = days.parent_id and days.head_day_millionths > 0
),

shared as (
    {{ shared_out('pool', ['fiscal_period', 'product_id', 'epic_id', 'parent_id'],
        ['team_id', 'initiative_id', 'key_result_id'], 'amount_minor', 'weight') }}
),

leaves as (
    select
        fiscal_period, product_id, team_id, {{ ladder | join(', ') }},
        sum(day_millionths) as day_millionths, sum(minor) as minor
    from (
        select fiscal_period, product_id, team_id, {{ ladder | join(', ') }}, day_millionths, 0 as minor
        from int_ladder_efforts_shared
        union all
        select fiscal_period, product_id, team_id, {{ ladder | join(', ') }}, 0, shared_minor from shared
    ) as parts
    group by fiscal_period, product_id, team_id, {{ ladder | join(', ') }}
    having sum(day_millionths) <> 0 or sum(minor) <> 0
),

objectives as (
    select *
    from ({{ goal_versions('int_goals__objectives', 'objective_id') }}) as versions
    where is_held
),

edges as (
    {{ goal_contributions('objectives') }}
),

-- As it stands at the end of each period, or today where that runs.
climbed as (
    select leaves.fiscal_period, periods.as_of_date, leaves.key_result_id, leaves.key_result_id as goal_id
    from leaves
    inner join int_fiscal_periods_begun as periods on leaves.fiscal_period = periods.fiscal_period
    union
    select climbed.fiscal_period, climbed.as_of_date, climbed.key_result_id, edges.parent_id
    from climbed
    inner join edges on climbed.goal_id = edges.child_id and {{ valid_on('edges', 'climbed.as_of_date') }}
),

-- Once each, however many ways lead there.
aims as (
    select
        climbed.fiscal_period, climbed.key_result_id, results.key_result_name,
        objectives.objective_id, objectives.objective_name,
        objectives.objective_id <> results.objective_id as is_rollup
    from climbed
    inner join int_goals__key_results as results on climbed.key_result_id = results.key_result_id
    inner join objectives on climbed.goal_id = objectives.objective_id
),

cells as (
    select
        leaves.*, aims.key_result_name, coalesce(aims.is_rollup, false) as is_rollup,
        coalesce(aims.objective_id, leaves.key_result_id) as objective_id, aims.objective_name,
        case when books.fiscal_period is not null then leaves.minor end as amount_minor,
        coalesce(books.currency, any_books.currency, policy.reporting_currency) as home_currency
    from leaves
    cross join int_policies_read as policy
    cross join (select max(currency) as currency from books) as any_books
    left join books on leaves.fiscal_period = books.fiscal_period
    left join aims on leaves.fiscal_period = aims.fiscal_period and leaves.key_result_id = aims.key_result_id
),

names as (
    {{ named_epics('(select epic_id from cells union select initiative_id from cells)') }}
),

-- As late as its oldest part: HR says who works where, Jira on what, the ledger what that costs.
clock as (
    {{ oldest_of(['int_quickbooks_clocks_read', 'int_bamboohr_clocks_read', 'int_jira_clocks_read']) }}
),

labelled as (
    {{ labelled('cells', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    labelled.is_rollup,
    {{ period_and_product('labelled') }},
    labelled.team_id,
    teams.team_name,
    labelled.epic_id,
    epics.epic_key,
    epics.epic_name,
    labelled.initiative_id,
    initiatives.epic_key as initiative_key,
    initiatives.epic_name as initiative_name,
    labelled.key_result_id,
    labelled.key_result_name,
    labelled.objective_id,
    labelled.objective_name,
    case
        when labelled.epic_id = 'UNATTRIBUTED' then 'no_issue'
        when labelled.key_result_id <> 'UNMAPPED' then null
        when labelled.initiative_id <> 'UNMAPPED' then 'initiative_without_key_result'
        when labelled.epic_id <> 'UNMAPPED' then 'epic_without_initiative'
        else 'no_epic'
    end as no_ladder_reason,
    cast(labelled.day_millionths as double) / 1000000 as effort_days,
    {{ in_units('labelled.amount_minor', 'labelled') }} as cost,
    labelled.currency,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
inner join names as epics on labelled.epic_id = epics.epic_id
inner join names as initiatives on labelled.initiative_id = initiatives.epic_id
left join dim_team as teams on labelled.team_id = teams.team_id
