{#- Rows of each mart by fiscal period, what shape they have, and whether a product's row counts all below it. -#}
{%- set relations = {
    'mart_arr': ['mart_arr', 'cells', false],
    'mart_revenue_retention': ['mart_revenue_retention', 'slices', false],
    'mart_arpa': ['mart_arpa', 'slices', false],
    'mart_revenue': ['mart_revenue', 'cells', false],
    'mart_product_pnl': ['mart_product_pnl', 'cells', false],
    'mart_product_cost': ['mart_product_cost', 'cells', false],
    'mart_product_staffing': ['mart_product_staffing', 'totals', false],
    'mart_pricing': ['prices', 'cells', false],
    'mart_usage': ['usage_days', 'slices', true],
    'mart_adoption': ['adoption_months', 'sliced_cells', false],
    'mart_retention': ['retention_months', 'totals', true],
    'mart_delivery': ['delivery_weeks', 'cells', false],
    'mart_okr': ['objective_days', 'cells', false],
    'mart_work_ladder': ['ladder_rows', 'cells', false],
    'mart_data_health': ['health_days', 'company', false],
} -%}
with mart_arr as (select * from {{ ref('mart_arr') }}),
mart_revenue_retention as (select * from {{ ref('mart_revenue_retention') }}),
mart_arpa as (select * from {{ ref('mart_arpa') }}),
mart_revenue as (select * from {{ ref('mart_revenue') }}),
mart_product_pnl as (select * from {{ ref('mart_product_pnl') }}),
mart_product_cost as (select * from {{ ref('mart_product_cost') }}),
mart_product_staffing as (select * from {{ ref('mart_product_staffing') }}),
mart_pricing as (select * from {{ ref('mart_pricing') }}),
mart_usage as {{ inlined() }} (select * from {{ ref('mart_usage') }}),
mart_adoption as (select * from {{ ref('mart_adoption') }}),
mart_retention as (select * from {{ ref('mart_retention') }}),
mart_delivery as (select * from {{ ref('mart_delivery') }}),
mart_okr as (select * from {{ ref('mart_okr') }}),
mart_work_ladder as (select * from {{ ref('mart_work_ladder') }}),
mart_data_health as (select * from {{ ref('mart_data_health') }}),
mart_budget as (select * from {{ ref('mart_budget') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_top_products_resolved as (select * from {{ ref('int_top_products_resolved') }}),

-- A price against other markets is of a product and market, and stands on the row of each segment.
prices as (
    select
        *,
        row_number() over (partition by fiscal_period, product_id, market order by segment) = 1 as is_first_segment
    from mart_pricing
),

-- What is dated by the day, week or month is of the period in which its last day lies.
usage_days as (
    select
        usage.product_id, usage.product_level, usage.portfolio_id, usage.slice_type, usage.slice_value, usage.mau_28d,
        usage.customers_28d, usage.dau_28d_sum, usage.data_as_of, usage.loaded_at, newest.fiscal_period,
        usage.is_complete and newest.is_over as is_complete
    from mart_usage as usage
    inner join (
        select
            periods.fiscal_period, max(days.activity_date) as activity_date,
            max(days.activity_date) = periods.last_date as is_over
        from int_fiscal_periods_begun as periods
        inner join mart_usage as days on days.activity_date between periods.first_date and periods.last_date
        group by periods.fiscal_period, periods.last_date
    ) as newest on usage.activity_date = newest.activity_date
),

adoption_months as (
    select
        months.*, periods.fiscal_period,
        months.month_start_date = max(months.month_start_date) over (partition by periods.fiscal_period) as is_last
    from mart_adoption as months
    inner join int_fiscal_periods_begun as periods
        on cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'months.month_start_date')) }} as date)
            between periods.first_date and periods.last_date
),

retention_months as (
    select months.*, periods.fiscal_period
    from mart_retention as months
    inner join int_fiscal_periods_begun as periods
        on cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', 1, 'months.period_start_date')) }} as date)
            between periods.first_date and periods.last_date
    where months.cohort_grain = 'month'
),

delivery_weeks as (
    select
        weeks.*, periods.fiscal_period,
        weeks.week_start_date = max(weeks.week_start_date) over (partition by periods.fiscal_period) as is_last
    from mart_delivery as weeks
    inner join int_fiscal_periods_begun as periods
        on cast({{ dbt.dateadd('day', 6, 'weeks.week_start_date') }} as date)
            between periods.first_date and periods.last_date
),

-- Each objective as it stood at the end of a period that its cycle holds, but for those that left it.
objective_days as (
    select *
    from (
        select
            goals.product_id, goals.product_level, goals.portfolio_id, goals.score, goals.label, goals.label_reason,
            goals.p_hit, goals.is_latest and not periods.is_complete as is_running, goals.data_as_of, goals.loaded_at,
            periods.fiscal_period, periods.is_complete,
            row_number() over (
                partition by periods.fiscal_period, goals.goal_id order by goals.as_of_date desc
            ) = 1 as is_newest
        from mart_okr as goals
        inner join int_fiscal_periods_begun as periods
            on goals.as_of_date <= periods.as_of_date
            and periods.as_of_date between goals.start_date and goals.end_date
        where goals.goal_type = 'objective'
    ) as days
    where
        is_newest
        and not (label = 'not_known' and label_reason in ('cancelled', 'paused', 'postponed', 'ended'))
),

ladder_rows as (
    select * from mart_work_ladder where not is_rollup
),

health_days as (
    select health.*, periods.fiscal_period
    from mart_data_health as health
    inner join int_fiscal_periods_begun as periods
        on health.as_of_date between periods.first_date and periods.last_date
),

entries as (
    {% for metric_id, metric in board_metrics().items() if metric.over_periods != 'anew' %}
    {% set relation, shape, is_whole = relations[metric.mart] %}
    {% set top = metric.numerator or metric.value %}
    {% set size = 'abs(' ~ (metric.denominator or top) ~ ')' %}
    {% set is_mapped = "case when cells.product_id in ('UNMAPPED', 'UNALLOCATED') then 0 else " ~ size ~ " end" %}
    {% set known = metric.is_of_known %}
    {{ 'union all' if not loop.first }}
    select
        '{{ metric_id }}' as metric_id, cells.fiscal_period,
        {% for slice in board_slices() %}
        {{ board_slice(shape, slice, is_whole) if slice in metric.slices else 'cast(null as varchar)' }}
            as {{ slice }}_key,
        {% endfor %}
        {% for part, expression in {
            'numerator': 'coalesce(' ~ top ~ ', 0)' if known else top,
            'denominator': 'coalesce(' ~ metric.denominator ~ ', 0)' if known else metric.denominator,
            'covered': metric.covered or (is_mapped if shape == 'cells'),
            'whole': metric.whole or (size if shape == 'cells'),
            'n': metric.n,
        }.items() %}
        {{ board_number(expression or 'null') }} as {{ part }},
        {% endfor %}
        {{ metric.reason or 'cast(null as varchar)' }} as reason,
        {{ board_number('null') }} as plan_numerator, {{ board_number('null') }} as plan_denominator,
        cast(null as varchar) as plan_group,
        cells.is_complete,
        {{ 'cells.currency' if metric.unit == 'money' else 'cast(null as varchar)' }} as currency,
        cells.data_as_of, cells.loaded_at
    from {{ relation }} as cells
    {% if shape != 'company' %}
    left join int_top_products_resolved as tops on cells.product_id = tops.product_id
    {% endif %}
    {% if metric.where %}
    where {{ metric.where }}
    {% endif %}
    {% endfor %}
    -- What is planned where nothing came: a row of nothing, beside the plan. Of periods to come the plan alone.
    {% for metric_id, metric in board_metrics().items() if metric.plan %}
    {% set signs = dict(metric.plan, **(metric.plan_denominator or {})) %}
    union all
    select
        '{{ metric_id }}', cells.fiscal_period,
        {% for slice in board_slices() %}
        {{ board_slice('totals', slice) if slice in ['all', 'portfolio', 'product'] else 'null' }},
        {% endfor %}
        {% set nothing = board_number('case when cells.actual is not null then 0 end') %}
        {{ nothing }}, {{ nothing if metric.denominator else 'null' }}, null, null, null,
        case when cells.variance_ratio_suppressed_reason in ('withheld', 'not_begun')
            then cells.variance_ratio_suppressed_reason end,
        {% for plan in [metric.plan, metric.plan_denominator or {}] %}
        {% set signed = [] %}
        {% for group in signs %}
        {% do signed.append("when '" ~ group ~ "' then " ~ (plan[group] if group in plan else 0)) %}
        {% endfor %}
        {% set planned = 'case cells.account_group ' ~ signed | join(' ') ~ ' end * cells.budget' %}
        {{ board_number(planned if plan else 'null') }},
        {% endfor %}
        case when cells.budget is not null then cells.account_group end,
        cells.is_complete,
        {{ 'cells.currency' if metric.unit == 'money' else 'null' }},
        cells.data_as_of, cells.loaded_at
    from mart_budget as cells
    left join int_top_products_resolved as tops on cells.product_id = tops.product_id
    where cells.account_group in ('{{ signs | join("', '") }}')
    {% endfor %}
),

-- How many groups of accounts a plan is made of: without one of them there is no plan.
plans as (
    {% for metric_id, metric in board_metrics().items() if metric.plan %}
    select '{{ metric_id }}' as metric_id, {{ dict(metric.plan, **(metric.plan_denominator or {})) | length }} as groups
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

single as (
    {% for metric_id, metric in board_metrics().items() if metric.over_products == 'none' %}
    select '{{ metric_id }}' as metric_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

slices as (
    {% for slice in board_slices() %}
    select
        metric_id, fiscal_period, '{{ slice }}' as slice_type, {{ slice }}_key as slice_value, count(*) as entries,
        {% for part in ['numerator', 'denominator'] %}
        case when count({{ part }}) = count(*) then sum({{ part }}) end as {{ part }},
        {% endfor %}
        sum(covered) as covered, sum(whole) as whole, max(n) as n, max(reason) as reason,
        sum(plan_numerator) as plan_numerator, sum(plan_denominator) as plan_denominator,
        count(distinct plan_group) as plan_groups,
        min(case when is_complete then 1 else 0 end) = 1 as is_complete,
        max(currency) as currency, min(data_as_of) as data_as_of, min(loaded_at) as loaded_at
    from entries
    where {{ slice }}_key is not null
    group by metric_id, fiscal_period, {{ slice }}_key
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    slices.metric_id,
    slices.fiscal_period,
    slices.slice_type,
    slices.slice_value,
    {% for part in ['numerator', 'denominator'] %}
    case when single.metric_id is null or slices.entries = 1 then slices.{{ part }} end as {{ part }},
    {% endfor %}
    slices.covered,
    slices.whole,
    slices.n,
    case when single.metric_id is not null and slices.entries > 1 then 'several_parts' else slices.reason end as reason,
    {% for part in ['plan_numerator', 'plan_denominator'] %}
    case when slices.plan_groups = plans.groups then slices.{{ part }} end as {{ part }},
    {% endfor %}
    slices.is_complete,
    slices.currency,
    slices.data_as_of,
    slices.loaded_at
from slices
left join plans on slices.metric_id = plans.metric_id
left join single on slices.metric_id = single.metric_id
