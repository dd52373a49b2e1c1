{#- By mart: its groups of accounts, the measure that holds them, and the statement groups that are in it. -#}
{%- set costs = ['cost_of_revenue', 'operating_expense', 'UNMAPPED'] -%}
{%- set ledger = [
    {'mart': 'mart_revenue', 'measure': 'recognised_revenue', 'groups': ['revenue']},
    {'mart': 'mart_product_cost', 'measure': 'cost', 'groups': costs, 'of': 'statement_group'},
    {'mart': 'mart_product_cost_range', 'measure': 'cost', 'groups': costs, 'of': 'all', 'as': 'cost'},
    {'mart': 'mart_product_pnl', 'measure': 'recognised_revenue', 'groups': ['revenue']},
    {'mart': 'mart_product_pnl', 'measure': 'cost_of_revenue', 'groups': ['cost_of_revenue']},
    {'mart': 'mart_product_pnl', 'measure': 'operating_expense', 'groups': ['operating_expense', 'UNMAPPED']},
    {'mart': 'mart_product_pnl', 'measure': 'depreciation', 'groups': costs, 'as': 'depreciation'},
] -%}
{%- set items = ['out_of_period', 'regrouped', 'unmapped', 'not_counted'] -%}
{%- set is_together = "coalesce(judged.remainder, '') in ('joint', 'withheld')" -%}
-- Every mart against a figure that none of its rules has made. The ledger's trial balance is, by group of accounts,
-- what a mart shows and the items that are named; of what vendors say of single things, how many were compared and
-- agree.
-- Groups that share their remainder tie together, as `cost`; where it is withheld, so are the amounts.
with int_account_controls_measured as (select * from {{ ref('int_account_controls_measured') }}),
int_cost_controls_counted as (select * from {{ ref('int_cost_controls_counted') }}),
int_event_products_resolved as (select * from {{ ref('int_event_products_resolved') }}),
int_events_attributed as (select * from {{ ref('int_events_attributed') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_ledger_differences_found as (select * from {{ ref('int_ledger_differences_found') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_product_costs_summed as (select * from {{ ref('int_product_costs_summed') }}),
int_remainders_judged as (select * from {{ ref('int_remainders_judged') }}),
int_recognition_periods_ranged as (select * from {{ ref('int_recognition_periods_ranged') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
stg_amplitude__events as {{ inlined() }} (select * from {{ ref('stg_amplitude__events') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
dim_currency as (select * from {{ ref('dim_currency') }}),
mart_data_health as (select * from {{ ref('mart_data_health') }}),
mart_product_cost as (select * from {{ ref('mart_product_cost') }}),
mart_product_cost_range as (select * from {{ ref('mart_product_cost_range') }}),
mart_product_pnl as (select * from {{ ref('mart_product_pnl') }}),
mart_revenue as (select * from {{ ref('mart_revenue') }}),
mart_usage as (select * from {{ ref('mart_usage') }}),

-- Accounts that nobody has mapped are shown as such, or are in the figure and not in the control.
sides as (
    {% for one in ledger %}
    {% set group = "'" ~ one['as'] ~ "'" if 'as' in one else "'revenue'" if one.measure == 'recognised_revenue' else
        'case when ' ~ is_together ~ " then 'cost' else " ~ (
            'sides.statement_group' if 'of' in one else "'" ~ one.measure ~ "'"
        ) ~ ' end' %}
    {% set is_own = 'true' if 'of' in one else '(controls.is_mapped or ' ~ (
        is_together if one.measure != 'recognised_revenue' else 'false') ~ ')' %}
    select
        '{{ one.mart }}' as mart_name, controls.fiscal_period,
        {{ group | replace('sides.', 'controls.') }} as account_group,
        case when {{ is_own }} then controls.reported_minor else 0 end as control,
        case when {{ is_own }} then controls.out_of_period_minor else 0 end as out_of_period,
        case when {{ is_own }} then controls.regrouped_minor else 0 end as regrouped,
        case
            when {{ is_own }} then 0
            else controls.out_of_period_minor + controls.regrouped_minor - controls.reported_minor
        end as unmapped,
        cast(0 as decimal(38, 4)) as figure
    from int_account_controls_measured as controls
    left join int_remainders_judged as judged on controls.fiscal_period = judged.fiscal_period
    where controls.statement_group in ('{{ one.groups | join("', '") }}')
        {{ 'and controls.is_depreciation' if one['as'] == 'depreciation' }}
        {% if one.measure == 'recognised_revenue' %}
        and controls.fiscal_period in (select fiscal_period from int_recognition_periods_ranged)
        {% endif %}
    union all
    select
        '{{ one.mart }}', marts.fiscal_period, {{ group | replace('sides.', 'marts.') }}, 0, 0, 0, 0,
        marts.{{ one.measure }} * {{ power_of_ten('currencies.minor_unit_exponent') }}
    from {{ one.mart }} as marts
    inner join dim_currency as currencies on marts.currency = currencies.currency
    left join int_remainders_judged as judged on marts.fiscal_period = judged.fiscal_period
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What can be shown of a withheld remainder is that all the rest is what it was made of.
withheld as (
    select fiscal_period, mart_name, sum(shown) <> 0 as is_apart
    from (
        {% for mart in ['mart_product_cost', 'mart_product_cost_range'] %}
        select fiscal_period, '{{ mart }}' as mart_name, cost as shown, currency from {{ mart }}
        union all
        {% endfor %}
        select
            fiscal_period, 'mart_product_pnl',
            cost_of_revenue + research_and_development_direct + research_and_development_shared + sales_and_marketing,
            currency
        from mart_product_pnl
        union all
        select
            summed.fiscal_period, marts.mart_name, -{{ in_units('summed.amount_minor', 'currencies') }}, summed.currency
        from int_product_costs_summed as summed
        inner join (
            select 'mart_product_cost' as mart_name union all
            select 'mart_product_cost_range' union all
            select 'mart_product_pnl'
        ) as marts
            on marts.mart_name <> 'mart_product_pnl' or summed.statement_line <> 'general_and_administrative'
        inner join dim_currency as currencies on summed.currency = currencies.currency
    ) as both_sides
    group by fiscal_period, mart_name
),

of_ledger as (
    select
        sides.mart_name, sides.fiscal_period, sides.account_group, 'QuickBooks trial balance' as control_of,
        sum(sides.control) as control, sum(sides.out_of_period) as out_of_period, sum(sides.regrouped) as regrouped,
        sum(sides.unmapped) as unmapped, 0 as not_counted, sum(sides.figure) as figure,
        max(books.home_currency) as currency,
        max(case when held.fiscal_period is null then 0 else 1 end) = 1 as is_held,
        sides.account_group in ('cost_of_revenue', 'operating_expense', 'UNMAPPED', 'cost')
            and (max(judged.remainder) = 'withheld' or max(held.fiscal_period) is not null) as is_hidden,
        case
            when sides.account_group = 'cost' and max(judged.remainder) = 'withheld'
                then max(case when withheld.is_apart or allocated.agreeing < allocated.compared then 1 else 0 end) = 0
        end as is_known_to_agree
    from sides
    cross join stg_quickbooks__preferences as books
    left join int_remainders_judged as judged on sides.fiscal_period = judged.fiscal_period
    left join withheld on sides.fiscal_period = withheld.fiscal_period and sides.mart_name = withheld.mart_name
    left join int_cost_controls_counted as allocated
        on sides.fiscal_period = allocated.fiscal_period and allocated.control_id = 'allocated'
    left join (select distinct fiscal_period from int_ledger_differences_found) as held
        on sides.fiscal_period = held.fiscal_period
    group by sides.mart_name, sides.fiscal_period, sides.account_group
),

-- Duplicates, machines, colleagues, what is no use, and days before a project or after the last one are not counted.
of_events as (
    select
        'mart_usage' as mart_name, periods.fiscal_period, 'events' as account_group, 'Amplitude export' as control_of,
        sum(events.exported) as control, sum(events.not_counted) as not_counted, sum(events.shown) as figure
    from (
        select
            cast({{ to_local('staged.event_at', 'policy.reporting_time_zone') }} as date) as activity_date,
            count(*) as exported, 0 as not_counted, 0 as shown
        from stg_amplitude__events as staged
        cross join int_policies_read as policy
        group by 1
        union all
        select
            daily.activity_date, 0,
            sum(
                daily.staged_events - case
                    when products.is_active and daily.is_dated and not daily.is_bot and not daily.is_internal
                        and daily.activity_date <= clock.last_date then daily.events
                    else 0
                end
            ), 0
        from int_events_attributed as daily
        cross join int_amplitude_clocks_read as clock
        left join int_event_products_resolved as products
            on daily.activity_date = products.activity_date and daily.project_id = products.project_id
            and daily.event_type = products.event_type and products.product_id = 'COMPANY'
        group by daily.activity_date
        union all
        select activity_date, 0, 0, events
        from mart_usage
        where product_id = 'COMPANY' and slice_type = 'all'
    ) as events
    inner join int_fiscal_periods_begun as periods
        on events.activity_date between periods.first_date and periods.last_date
    group by periods.fiscal_period
),

-- Of single things how many were compared, and how many agree.
of_controls as (
    select
        marts.mart_name, periods.fiscal_period, health.metric_id as account_group, marts.vendor as control_of,
        health.denominator as control, health.numerator as figure,
        (health.denominator - health.numerator) * 100 <= marts.tolerance_percent * health.denominator
            as is_known_to_agree
    from mart_data_health as health
    inner join (
        select fiscal_period from int_fiscal_periods_begun order by first_date desc limit 1
    ) as periods on true
    inner join (
        {% set staff = {'source': 'bamboohr', 'controls': ['employed_heads', 'employed_departments']} %}
        {% set shown_in = {
            'stripe': ['mart_arr', 'Stripe bills', 'billing'], 'jira': ['mart_delivery', 'Jira issues', 'delivery'],
            'amplitude': ['mart_usage', 'Amplitude totals', 'usage'],
            'quickbooks': ['mart_revenue', 'QuickBooks reports', 'ledger'],
            'bamboohr': ['mart_staffing', 'BambooHR list of employees', 'people'],
        } %}
        {% for family in [staff] + controls().values() | list %}
        {% set mart, vendor, switch = shown_in[family.source] %}
        {% for control in family.controls %}
        select
            '{{ mart }}' as mart_name, '{{ vendor }}' as vendor, '{{ family.source }}' as source,
            '{{ control }}' as metric_id, {{ switch }}_tolerance_percent as tolerance_percent
        from int_policies_read
        {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as marts on health.source = marts.source and health.metric_id = marts.metric_id
),

compared as (
    select *, control - out_of_period - regrouped - unmapped - not_counted as expected
    from (
        select * from of_ledger
        union all
        select
            mart_name, fiscal_period, account_group, control_of, control, 0, 0, 0, not_counted, figure, null, false,
            false, null
        from of_events
        union all
        select
            mart_name, fiscal_period, account_group, control_of, control, 0, 0, 0, 0, figure, null, false, false,
            is_known_to_agree
        from of_controls
    ) as all_of_them
)

select
    false as is_rollup,
    compared.fiscal_period,
    periods.fiscal_year,
    periods.last_date as period_end_date,
    periods.is_complete,
    compared.mart_name,
    compared.account_group,
    compared.control_of,
    {% for measure in ['control'] + items + ['figure'] %}
    case when not compared.is_hidden then {{ in_units('compared.' ~ measure, 'units') }} end as {{ measure }},
    {% endfor %}
    case
        when compared.is_hidden then null
        when compared.is_held then {{ in_units('compared.expected', 'units') }}
        else cast(0 as decimal(38, 4))
    end as held_back,
    case
        when compared.is_hidden then null
        when compared.is_held then -{{ in_units('compared.figure', 'units') }}
        else {{ in_units('compared.expected - compared.figure', 'units') }}
    end as difference,
    compared.currency,
    case
        when compared.is_held then case when compared.figure = 0 then 'held_back' else 'differs' end
        when coalesce(compared.is_known_to_agree, compared.expected = compared.figure) then 'agrees'
        else 'differs'
    end as status,
    clock.data_as_of,
    clock.loaded_at
from compared
inner join int_fiscal_periods_begun as periods on compared.fiscal_period = periods.fiscal_period
inner join (
    select currency, minor_unit_exponent from dim_currency
    union all
    select null, 0
) as units on compared.currency is not distinct from units.currency
cross join int_quickbooks_clocks_read as clock
