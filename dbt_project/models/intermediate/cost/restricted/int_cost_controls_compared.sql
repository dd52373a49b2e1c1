-- Each step from the ledger and from people to what products cost, against what it is made of, by another way than the
-- step's own: a total of the books, a mean, a rule of a file as it landed. What a step loses, doubles or puts elsewhere
-- without changing the total shows here, by period and object.
with dim_worker as {{ inlined() }} (select * from {{ ref('dim_worker') }}),
fct_allocation as (select * from {{ ref('fct_allocation') }}),
fct_event_daily as {{ inlined() }} (select * from {{ ref('fct_event_daily') }}),
fct_revenue_recognised as (select * from {{ ref('fct_revenue_recognised') }}),
fct_worker_day as {{ inlined() }} (select * from {{ ref('fct_worker_day') }}),
int_account_controls_measured as (select * from {{ ref('int_account_controls_measured') }}),
int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_ledger_differences_found as (select * from {{ ref('int_ledger_differences_found') }}),
int_pay_rates_resolved as (select * from {{ ref('int_pay_rates_resolved') }}),
int_pay_shapes_measured as (select * from {{ ref('int_pay_shapes_measured') }}),
int_people_groups_resolved as (select * from {{ ref('int_people_groups_resolved') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_product_drivers_measured as (select * from {{ ref('int_product_drivers_measured') }}),
int_product_rollups_ranged as {{ inlined() }} (select * from {{ ref('int_product_rollups_ranged') }}),
int_revenue_postings_selected as {{ inlined() }} (select * from {{ ref('int_revenue_postings_selected') }}),
int_shared_products_eliminated as (select * from {{ ref('int_shared_products_eliminated') }}),
int_standard_rates_resolved as (select * from {{ ref('int_standard_rates_resolved') }}),
currencies as (select * from {{ ref('currencies') }}),
stg_bamboohr__employment_statuses as (select * from {{ ref('stg_bamboohr__employment_statuses') }}),
stg_files__product_maps as (select * from {{ ref('stg_files__product_maps') }}),
stg_files__shared_drivers as (select * from {{ ref('stg_files__shared_drivers') }}),
stg_files__team_products as (select * from {{ ref('stg_files__team_products') }}),
stg_files__teams as (select * from {{ ref('stg_files__teams') }}),
stg_fx__rates as (select * from {{ ref('stg_fx__rates') }}),

-- allocated: what the trial balance says of an account is what all of its postings were allocated to.
allocated as (
    select
        fiscal_period, account_id || ' under ' || statement_group as object_id, sum(control_minor) as control_figure,
        sum(our_minor) as our_figure
    from (
        select
            fiscal_period, account_id, statement_group,
            reported_minor - out_of_period_minor - regrouped_minor as control_minor, 0 as our_minor
        from int_account_controls_measured as measured
        where statement_group <> 'revenue'
            and not exists (
                select 1 from int_ledger_differences_found as found
                where found.fiscal_period = measured.fiscal_period
            )
        union all
        select fiscal_period, account_id, statement_group, 0, amount_minor
        from fct_allocation
        where scenario_id = 'actual'
    ) as both_sides
    group by fiscal_period, account_id, statement_group
),

-- classes, revenue_classes: a posting with a class is its products', as the row of product_map.csv for that very class
-- says; of a class that no rule names, and that takes none of its parent's, it is UNMAPPED.
classed as (
    select
        postings.control_id, postings.gl_line_id, postings.fiscal_period, postings.amount_minor,
        coalesce(rules.product_id, 'UNMAPPED') as product_id, coalesce(rules.weight, 1) as weight
    from (
        select 'classes' as control_id, gl_line_id, fiscal_period, posting_date, class_id, amount_minor
        from int_cost_postings_selected
        union all
        select 'revenue_classes', gl_line_id, fiscal_period, posting_date, class_id, amount_minor
        from int_revenue_postings_selected
    ) as postings
    cross join int_policies_read as policy
    left join stg_files__product_maps as rules
        on rules.mapped_source = 'quickbooks' and rules.object_type = 'class' and rules.match_type = 'exact'
        and postings.class_id = rules.match_key and {{ valid_on('rules', 'postings.posting_date') }}
    where postings.class_id is not null
        and (
            rules.product_id is not null
            or (
                not policy.classes_inherit
                and not {{ is_mapped('quickbooks', 'class', 'postings.class_id', 'postings.posting_date') }}
            )
        )
),

of_classes as (
    select
        control_id, fiscal_period, product_id as object_id,
        cast(round(sum(control_minor), 0) as bigint) as control_figure, sum(our_minor) as our_figure,
        sum(lines) as slack
    from (
        select control_id, fiscal_period, product_id, amount_minor * weight as control_minor, 0 as our_minor, 1 as lines
        from classed
        union all
        select lines.control_id, parts.fiscal_period, parts.product_id, 0, parts.amount_minor, 0
        from (
            select 'classes' as control_id, gl_line_id, fiscal_period, product_id, amount_minor
            from fct_allocation
            where scenario_id = 'actual' and rule_id = 'class' and stage = 'direct'
            union all
            select 'revenue_classes', gl_line_id, fiscal_period, product_id, amount_minor from fct_revenue_recognised
        ) as parts
        inner join (select distinct control_id, gl_line_id from classed) as lines
            on parts.control_id = lines.control_id and parts.gl_line_id = lines.gl_line_id
    ) as both_sides
    group by control_id, fiscal_period, product_id
),

-- pay_shape: whom pay was earned for, from the rows of team_products.csv as they landed. Where closed periods stay as
-- they were known, that needs all that was ever known.
earned as (
    select
        days.fiscal_period, coalesce(lower(days.function_name), 'UNMAPPED') as pay_scope, products.product_id,
        sum({{ whole('coalesce(days.yearly_pay_minor, 0)') }} * days.paid_thousandths
            * cast(coalesce(products.share, 1) * 1000000 as bigint)) as weight
    from fct_worker_day as days
    inner join int_policies_read as policy on policy.closed_periods = 'as_known_now'
    left join stg_files__team_products as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    where days.worker_type <> 'contractor'
    group by 1, 2, 3
),

pay_shape as (
    select
        shapes.fiscal_period, shapes.pay_scope || '/' || shapes.product_id as object_id,
        {{ half_even('shapes.weight * ' ~ trillion(), 'shapes.whole_weight') }} as control_figure,
        coalesce(ours.share_trillionths, 0) as our_figure
    from (
        select *, sum(weight) over (partition by fiscal_period, pay_scope) as whole_weight
        from (
            select * from earned
            union all
            select fiscal_period, 'EVERYBODY', product_id, sum(weight) from earned group by fiscal_period, product_id
        ) as scopes
    ) as shapes
    left join int_pay_shapes_measured as ours
        on shapes.fiscal_period = ours.fiscal_period and shapes.pay_scope = ours.pay_scope
        and shapes.product_id = ours.product_id
    where shapes.product_id is not null and shapes.whole_weight > 0
),

-- people_days: lines of people are paid days at the rate: of each product the days of its teams, as their rows landed;
-- in all every day, wherever the work went.
worked as (
    select
        days.fiscal_period, lower(days.function_name) as function_name, products.product_id,
        sum({{ whole('days.paid_thousandths') }} * cast(coalesce(products.share, 1) * 1000000 as bigint))
            as days_billionths
    from fct_worker_day as days
    left join stg_files__team_products as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    where days.is_head and days.paid_thousandths > 0
    group by 1, 2, 3
),

people_days as (
    select
        places.fiscal_period, places.function_name || '/' || worked.object_id as object_id,
        {{ half_even(
            'worked.days_billionths * standards.rate_millionths * ' ~ whole('rates.actual_denominator'),
            whole('rates.actual_numerator') ~ ' * 1000000000000000'
        ) }} as control_figure,
        coalesce(people.amount_minor, 0) as our_figure, worked.slack
    from (
        select fiscal_period, function_name, product_id as object_id, days_billionths, 1 as slack
        from worked
        where product_id is not null
        union all
        select fiscal_period, function_name, 'all', sum(days_billionths), count(*) + 1
        from worked
        group by fiscal_period, function_name
    ) as worked
    inner join int_people_groups_resolved as places
        on worked.fiscal_period = places.fiscal_period and worked.function_name = places.function_name
    inner join int_fiscal_periods_begun as periods on worked.fiscal_period = periods.fiscal_period
    inner join int_standard_rates_resolved as standards
        on periods.fiscal_year = standards.fiscal_year and worked.function_name = standards.function_name
    inner join int_pay_rates_resolved as rates
        on worked.fiscal_period = rates.fiscal_period and places.currency = rates.currency
    left join (
        select fiscal_period, account_function, product_id as object_id, sum(amount_minor) as amount_minor
        from fct_allocation
        where scenario_id = 'standard' and rule_id = 'people' and stage = 'team'
        group by fiscal_period, account_function, product_id
        union all
        select fiscal_period, account_function, 'all', sum(amount_minor)
        from fct_allocation
        where scenario_id = 'standard' and rule_id = 'people'
        group by fiscal_period, account_function
    ) as people
        on worked.fiscal_period = people.fiscal_period and worked.function_name = people.account_function
        and worked.object_id = people.object_id
),

-- standard_rates: a rate is within half a step of the mean pay of a paid day of those who share it.
paid as (
    select
        days.fiscal_period, lower(days.function_name) as function_name,
        sum({{ whole('days.yearly_pay_minor') }} * days.paid_thousandths) as pay,
        sum(days.paid_thousandths) as paid_thousandths
    from fct_worker_day as days
    where days.is_head and days.yearly_pay_minor > 0 and days.paid_thousandths > 0
    group by 1, 2
),

standard_rates as (
    select
        min(standards.first_period) as fiscal_period, min(standards.function_name) as object_id,
        {{ half_even('sum(paid.pay) * 1000000', 'sum(paid.paid_thousandths) * 365') }} as control_figure,
        standards.rate_millionths as our_figure
    from (
        select rates.*, years.first_period, ends.first_date as made_until
        from int_standard_rates_resolved as rates
        inner join (
            select fiscal_year, min(fiscal_period) as first_period from int_fiscal_periods_begun group by fiscal_year
        ) as years on rates.fiscal_year = years.fiscal_year
        left join int_fiscal_periods_begun as ends on rates.made_of = ends.fiscal_period
    ) as standards
    inner join int_fiscal_periods_begun as periods
        on periods.is_complete
        and (
            standards.made_of = periods.fiscal_year
            or (standards.fiscal_year = periods.fiscal_year and periods.first_date <= standards.made_until)
        )
    inner join paid
        on periods.fiscal_period = paid.fiscal_period and standards.function_name = paid.function_name
    group by standards.fiscal_year, standards.made_of, standards.rate_millionths
),

-- pay_rates: pay is converted at the bank's last rates up to the period's last day.
bank as (
    select
        periods.fiscal_period, known.currency,
        {{ whole("coalesce(rates.rate, case when known.currency = 'EUR' then 1 end) * " ~ trillion()) }}
            * cast(power(10, known.minor_unit_exponent) as bigint) as per_euro,
        row_number() over (
            partition by periods.fiscal_period, known.currency order by rates.rate_date desc
        ) as age_rank
    from int_fiscal_periods_begun as periods
    cross join currencies as known
    left join stg_fx__rates as rates
        on known.currency = rates.currency and rates.rate_date <= periods.as_of_date
        and rates.rate_date >= {{ dbt.dateadd('day', '-' ~ oldest_rate_days(), 'periods.as_of_date') }}
),

pay_rates as (
    select
        rates.fiscal_period, rates.currency as object_id,
        {{ half_even('reporting.per_euro * 1000000000', 'own.per_euro') }} as control_figure,
        {{ half_even(whole('rates.actual_numerator') ~ ' * 1000000000', whole('rates.actual_denominator')) }}
            as our_figure
    from int_pay_rates_resolved as rates
    cross join int_policies_read as policy
    inner join bank as own
        on rates.fiscal_period = own.fiscal_period and rates.currency = own.currency and own.age_rank = 1
    inner join bank as reporting
        on rates.fiscal_period = reporting.fiscal_period and policy.reporting_currency = reporting.currency
        and reporting.age_rank = 1
    where rates.actual_numerator is not null and rates.currency <> policy.reporting_currency
),

-- drivers: what is used as a driver is what its facts come to, of each product with all that is below it.
used as (
    select distinct rules.fiscal_period, drivers.driver_id
    from int_allocation_rules_resolved as rules
    left join stg_files__shared_drivers as own on rules.rules_version = own.rules_version
    inner join (select distinct driver_id from int_product_drivers_measured) as drivers
        on drivers.driver_id in (rules.shared_driver, rules.overhead_driver, own.shared_driver)
),

counted as (
    select
        periods.fiscal_period, facts.product_id, cast(sum(facts.event_weight) * 1000000 as bigint) as events,
        count(distinct facts.canonical_user_id) as active_users
    from fct_event_daily as facts
    inner join int_amplitude_clocks_read as clock on facts.activity_date <= clock.last_date
    inner join int_fiscal_periods_begun as periods
        on facts.activity_date between periods.first_date and periods.last_date
    where facts.is_active and not facts.is_bot and not facts.is_internal
        and facts.product_id not in ('COMPANY', 'UNMAPPED', 'UNALLOCATED')
        and not exists (
            select 1 from int_product_rollups_ranged as rolled_up
            where facts.product_id = rolled_up.product_id and {{ valid_on('rolled_up', 'facts.activity_date') }}
        )
    group by periods.fiscal_period, facts.product_id
),

drivers as (
    select
        sides.fiscal_period, sides.driver_id || '/' || sides.product_id as object_id,
        sum(sides.control_figure) as control_figure, sum(sides.our_figure) as our_figure
    from (
        {% for driver in ['events', 'active_users'] %}
        select
            fiscal_period, '{{ driver }}' as driver_id, product_id, {{ driver }} as control_figure,
            cast(0 as bigint) as our_figure
        from counted
        union all
        {% endfor %}
        select fiscal_period, 'revenue', product_id, greatest(cast(sum(amount_minor) as bigint), 0), 0
        from fct_revenue_recognised
        where product_id not in ('COMPANY', 'UNMAPPED', 'UNALLOCATED')
        group by fiscal_period, product_id
        union all
        select fiscal_period, driver_id, product_id, 0, weight
        from int_product_drivers_measured
        where driver_id <> 'equal'
    ) as sides
    inner join used on sides.fiscal_period = used.fiscal_period and sides.driver_id = used.driver_id
    group by sides.fiscal_period, sides.driver_id, sides.product_id
),

-- shared: a product that a platform team works for keeps nothing, and all of it arrives.
pools as (
    select distinct rules.fiscal_period, works.product_id
    from int_allocation_rules_resolved as rules
    inner join stg_files__teams as teams
        on teams.team_type = 'platform' and {{ valid_on('teams', 'rules.as_of_date') }}
    inner join stg_files__team_products as works
        on teams.team_id = works.team_id and {{ valid_on('works', 'rules.as_of_date') }}
),

shared as (
    select
        parts.fiscal_period, parts.scenario_id || '/' || parts.product_id as object_id, 0 as control_figure,
        sum(parts.amount_minor) as our_figure, 0 as slack
    from fct_allocation as parts
    inner join pools on parts.fiscal_period = pools.fiscal_period and parts.product_id = pools.product_id
    group by parts.fiscal_period, parts.scenario_id, parts.product_id
    union all
    select
        fiscal_period, scenario_id || '/shares of ' || pool_id, {{ trillion() }}, sum(share_trillionths), count(*)
    from int_shared_products_eliminated
    group by fiscal_period, scenario_id, pool_id
    union all
    select
        passed.fiscal_period, passed.scenario_id || '/' || passed.product_id || ' of others', passed.amount_minor,
        coalesce(arrived.amount_minor, 0), passed.lines
    from (
        select
            shares.fiscal_period, shares.scenario_id, shares.product_id, sum(leaving.lines) as lines,
            cast(sum(
                {{ half_even(whole('leaving.amount_minor') ~ ' * shares.share_trillionths', trillion()) }}
            ) as bigint) as amount_minor
        from int_shared_products_eliminated as shares
        inner join (
            select
                scenario_id, fiscal_period, product_id, sum(amount_minor) as amount_minor,
                count(distinct gl_line_id) as lines
            from fct_allocation
            where stage in ('direct', 'team')
            group by scenario_id, fiscal_period, product_id
        ) as leaving
            on shares.scenario_id = leaving.scenario_id and shares.fiscal_period = leaving.fiscal_period
            and shares.pool_id = leaving.product_id
        group by shares.fiscal_period, shares.scenario_id, shares.product_id
    ) as passed
    left join (
        select scenario_id, fiscal_period, product_id, sum(amount_minor) as amount_minor
        from fct_allocation
        where stage = 'shared'
        group by scenario_id, fiscal_period, product_id
    ) as arrived
        on passed.scenario_id = arrived.scenario_id and passed.fiscal_period = arrived.fiscal_period
        and passed.product_id = arrived.product_id
),

-- overhead: it goes to the products that are not shared by its driver, to a minor unit a line.
bearing as (
    select
        sides.scenario_id, sides.fiscal_period, sides.product_id, sum(sides.weight) as weight,
        sum(sides.borne_minor) as borne_minor
    from (
        select
            parts.scenario_id, parts.fiscal_period, parts.product_id,
            case when parts.stage <> 'overhead' and rules.overhead_driver = 'cost' then parts.amount_minor else 0 end
                as weight,
            case when parts.stage = 'overhead' then parts.amount_minor else 0 end as borne_minor
        from fct_allocation as parts
        inner join int_allocation_rules_resolved as rules on parts.fiscal_period = rules.fiscal_period
        union all
        select scenarios.scenario_id, rules.fiscal_period, measured.product_id, measured.weight, 0
        from int_allocation_rules_resolved as rules
        cross join (select distinct scenario_id from fct_allocation) as scenarios
        inner join (
            select fiscal_period, driver_id, product_id, weight from int_product_drivers_measured
            union all
            select fiscal_period, 'fte', product_id, fte_weight
            from int_pay_shapes_measured
            where pay_scope = 'EVERYBODY'
        ) as measured
            on rules.fiscal_period = measured.fiscal_period and rules.overhead_driver = measured.driver_id
    ) as sides
    left join pools on sides.fiscal_period = pools.fiscal_period and sides.product_id = pools.product_id
    where pools.product_id is null and sides.product_id not in ('UNMAPPED', 'UNALLOCATED', 'OVERHEAD')
    group by sides.scenario_id, sides.fiscal_period, sides.product_id
),

overhead as (
    select
        bearers.fiscal_period, bearers.scenario_id || '/' || bearers.product_id as object_id,
        {{ half_even(
            whole('bearers.borne_in_all') ~ ' * greatest(bearers.weight, 0)', 'bearers.whole_weight'
        ) }} as control_figure,
        bearers.borne_minor as our_figure, lines.lines as slack
    from (
        select
            *, sum(borne_minor) over (partition by scenario_id, fiscal_period) as borne_in_all,
            sum(greatest(weight, 0)) over (partition by scenario_id, fiscal_period) as whole_weight
        from bearing
    ) as bearers
    inner join (
        select scenario_id, fiscal_period, count(distinct gl_line_id) as lines
        from fct_allocation
        where stage = 'overhead'
        group by scenario_id, fiscal_period
    ) as lines on bearers.scenario_id = lines.scenario_id and bearers.fiscal_period = lines.fiscal_period
    where bearers.whole_weight > 0
),

-- worker_days: everybody has a day for each day in employment.
worker_days as (
    select fiscal_period, 'all' as object_id, sum(control_days) as control_figure, sum(our_days) as our_figure
    from (
        select
            periods.fiscal_period,
            {{ dbt.datediff(
                'greatest(workers.valid_from, periods.first_date)',
                'least(workers.valid_to, cast(' ~ dbt.dateadd('day', 1, 'periods.as_of_date') ~ ' as date))', 'day'
            ) }} as control_days,
            0 as our_days
        from dim_worker as workers
        inner join int_fiscal_periods_begun as periods
            on workers.valid_from <= periods.as_of_date and periods.first_date < workers.valid_to
        where workers.is_employed
        union all
        select fiscal_period, 0, 1 from fct_worker_day
    ) as both_sides
    group by fiscal_period
),

-- contractors: their bills are what they cost, so that no day has pay on which BambooHR calls somebody one.
contractors as (
    select days.fiscal_period, 'all' as object_id, 0 as control_figure, sum(days.paid_thousandths) as our_figure
    from fct_worker_day as days
    inner join dim_worker as workers
        on days.worker_id = workers.worker_id and {{ valid_on('workers', 'days.work_date') }}
    inner join stg_bamboohr__employment_statuses as statuses
        on workers.employee_id = statuses.employee_id and {{ worker_type('statuses.employment_status') }} = 'contractor'
        and {{ valid_on('statuses', 'days.work_date') }}
    group by days.fiscal_period
),

compared as (
    {% for control, slack in [
        ('allocated', '0'), ('worker_days', '0'), ('pay_shape', '1'), ('people_days', 'slack'), ('pay_rates', '1'),
        ('drivers', '0'), ('shared', 'slack'), ('overhead', 'slack'), ('contractors', '0'),
    ] %}
    select
        '{{ control }}' as control_id, fiscal_period, object_id, cast(control_figure as bigint) as control_figure,
        cast(our_figure as bigint) as our_figure, abs(control_figure - our_figure) <= {{ slack }} as is_agreed
    from {{ control }}
    union all
    {% endfor %}
    select
        control_id, fiscal_period, object_id, control_figure, cast(our_figure as bigint),
        abs(control_figure - our_figure) <= slack
    from of_classes
    union all
    -- The widest step of R20 is a seventh, half of it by ratio a fifteenth: squares differ by 0.145.
    select
        'standard_rates', fiscal_period, object_id, control_figure, our_figure,
        {{ whole('control_figure') }} * control_figure * 1145 >= {{ whole('our_figure') }} * our_figure * 1000
            and {{ whole('control_figure') }} * control_figure * 1000 <= {{ whole('our_figure') }} * our_figure * 1145
    from standard_rates
)

select control_id, fiscal_period, object_id, control_figure, our_figure, is_agreed from compared
