{#
    Steps of the allocation of cost that more than one model takes: people at standard, the way of shared products.
    Belongs here: what the engine shares with the range between its rules and with what-ifs. Does not: how an amount is
    shared out (money.sql).
#}

{#
    The end of a `with recursive`, as the table `passed_on` (scenario_id, fiscal_period, pool_id, driver_id, product_id,
    share_trillionths). `costs` is a relation (scenario_id, fiscal_period, product_id, cost_minor).

    Shared products serve each other: a matrix of who takes how much of whom, out of which one after the other is
    eliminated (Gauss and Jordan; as Grassmann, Taksar and Heyman do, divided by what a product passes on and not by one
    less what it keeps, so that nothing is ever subtracted). Step-down is the same matrix without what goes back to
    products that have gone on.
#}
{% macro shared_products_eliminated(costs) %}
{%- set one = 1000000000000000000 -%}
-- Those that a platform team works for on the period's last day; the most costly one is the first to go on.
pools as (
    select
        scenarios.scenario_id, shared.fiscal_period, shared.product_id, shared.shared_method,
        coalesce(own.shared_driver, shared.shared_driver) as driver_id,
        row_number() over (
            partition by scenarios.scenario_id, shared.fiscal_period
            order by coalesce(costs.cost_minor, 0) desc, shared.product_id
        ) as pool_rank,
        count(*) over (partition by scenarios.scenario_id, shared.fiscal_period) as pools
    from (
        select distinct
            rules.fiscal_period, rules.rules_version, rules.shared_method, rules.shared_driver, works.product_id
        from {{ ref('int_allocation_rules_resolved') }} as rules
        inner join {{ ref('stg_files__teams') }} as teams
            on teams.team_type = 'platform' and {{ valid_on('teams', 'rules.as_of_date') }}
        inner join {{ ref('stg_files__team_products') }} as works
            on teams.team_id = works.team_id and {{ valid_on('works', 'rules.as_of_date') }}
    ) as shared
    cross join (select distinct scenario_id from {{ costs }}) as scenarios
    left join {{ costs }} as costs
        on scenarios.scenario_id = costs.scenario_id and shared.fiscal_period = costs.fiscal_period
        and shared.product_id = costs.product_id
    left join {{ ref('stg_files__shared_drivers') }} as own
        on shared.rules_version = own.rules_version and shared.product_id = own.product_id
),

drivers as (
    select scenarios.scenario_id, measured.fiscal_period, measured.driver_id, measured.product_id, measured.weight
    from {{ ref('int_product_drivers_measured') }} as measured
    cross join (select distinct scenario_id from {{ costs }}) as scenarios
    union all
    select scenario_id, fiscal_period, 'cost', product_id, cost_minor
    from {{ costs }}
    where cost_minor > 0 and product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
),

-- A shared product takes part in the matrix also where it uses nothing, and what nobody uses is UNALLOCATED.
targets as (
    select scenario_id, fiscal_period, product_id from drivers
    union
    select scenario_id, fiscal_period, product_id from pools
    union
    select scenario_id, fiscal_period, 'UNALLOCATED' from pools
),

weights as (
    select
        pools.scenario_id, pools.fiscal_period, pools.pools, pools.product_id as pool_id, pools.pool_rank,
        pools.driver_id, targets.product_id, others.pool_rank as target_rank,
        case
            when pools.product_id = targets.product_id then 0
            when pools.shared_method = 'step_down' and others.pool_rank < pools.pool_rank then 0
            else coalesce(drivers.weight, 0)
        end as weight
    from pools
    inner join targets on pools.scenario_id = targets.scenario_id and pools.fiscal_period = targets.fiscal_period
    left join pools as others
        on targets.scenario_id = others.scenario_id and targets.fiscal_period = others.fiscal_period
        and targets.product_id = others.product_id
    left join drivers
        on pools.scenario_id = drivers.scenario_id and pools.fiscal_period = drivers.fiscal_period
        and pools.driver_id = drivers.driver_id and targets.product_id = drivers.product_id
),

-- Numbers in place of names: every step reads all rows.
summed as (
    select
        *, sum({{ whole('weight') }}) over (partition by scenario_id, fiscal_period, pool_id) as whole_weight,
        dense_rank() over (order by scenario_id, fiscal_period) as matrix_number,
        dense_rank() over (order by product_id) as target_number
    from weights
),

eliminated as (
    select
        matrix_number, pools, pool_rank, target_number, target_rank, product_id = 'UNALLOCATED' as is_nobodys,
        cast(0 as bigint) as done,
        case
            when whole_weight > 0 then {{ half_even('weight * ' ~ whole(one), 'whole_weight') }}
            when product_id = 'UNALLOCATED' then {{ one }}
            else 0
        end as share
    from summed
    union all
    select
        matrix_number, pools, pool_rank, target_number, target_rank, is_nobodys, done,
        case
            when target_rank = done then 0
            when pool_rank = done then {{ half_even('pivot_share * ' ~ whole(one), 'pivot_whole') }}
            else share + {{ half_even(whole('pool_share') ~ ' * pivot_share', 'pivot_whole') }}
        end
    from (
        select
            *,
            -- Of products that use only each other nothing comes out.
            case
                when passed_on > 0 then pivot_row_share
                when is_nobodys then {{ one }}
                else 0
            end as pivot_share,
            case when passed_on > 0 then passed_on else {{ one }} end as pivot_whole
        from (
            select
                matrix_number, pools, pool_rank, target_number, target_rank, is_nobodys, share, done + 1 as done,
                max(case when pool_rank = done + 1 then share end)
                    over (partition by matrix_number, target_number) as pivot_row_share,
                max(case when target_rank = done + 1 then share end)
                    over (partition by matrix_number, pool_rank) as pool_share,
                sum(case when pool_rank = done + 1 and coalesce(target_rank, 0) <> done + 1 then share end)
                    over (partition by matrix_number) as passed_on
            from eliminated
            where done < pools
        ) as pivoted
    ) as opened
),

passed_on as (
    select
        names.scenario_id, names.fiscal_period, names.pool_id, names.driver_id, names.product_id,
        {{ half_even('ends.share', '1000000') }} as share_trillionths
    from eliminated as ends
    inner join summed as names
        on ends.matrix_number = names.matrix_number and ends.pool_rank = names.pool_rank
        and ends.target_number = names.target_number
    where ends.done = ends.pools and ends.target_rank is null and {{ half_even('ends.share', '1000000') }} > 0
)
{%- endmacro %}

{#
    The end of a model: what days of people cost at standard. `team_days` is a relation (fiscal_period, function_name,
    team_id, work_date, paid_thousandths).
#}
{% macro people_at_standard(team_days) %}
worked as (
    select
        days.fiscal_period, days.function_name, coalesce(products.product_id, 'UNALLOCATED') as product_id,
        sum({{ whole('days.paid_thousandths') }} * coalesce(products.share_millionths, 1000000)) as days_billionths
    from {{ team_days }} as days
    left join {{ ref('int_team_products_ranged') }} as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    group by 1, 2, 3
),

converted as (
    select
        places.*,
        {{ half_even(
            whole('standards.rate_millionths') ~ ' * ' ~ whole('rates.actual_denominator'),
            whole('rates.actual_numerator')
        ) }} as rate_millionths
    from {{ ref('int_people_groups_resolved') }} as places
    inner join {{ ref('int_fiscal_periods_begun') }} as periods on places.fiscal_period = periods.fiscal_period
    inner join {{ ref('int_standard_rates_resolved') }} as standards
        on periods.fiscal_year = standards.fiscal_year and places.function_name = standards.function_name
    inner join {{ ref('int_pay_rates_resolved') }} as rates
        on places.fiscal_period = rates.fiscal_period and places.currency = rates.currency
)

select
    converted.fiscal_period,
    converted.statement_group,
    converted.function_name,
    worked.product_id,
    {{ half_even('worked.days_billionths * converted.rate_millionths', '1000000000000000') }} as amount_minor,
    converted.currency
from converted
inner join worked
    on converted.fiscal_period = worked.fiscal_period and converted.function_name = worked.function_name
{%- endmacro %}
