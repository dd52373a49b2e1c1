{%- set of_books = ['mart_revenue', 'mart_product_pnl', 'mart_product_cost'] -%}
{%- set suppressed = ['withheld', 'too_few', 'coverage', 'several_parts'] -%}
with int_board_figures_measured as {{ inlined() }} (select * from {{ ref('int_board_figures_measured') }}),
int_cycle_times_measured as {{ inlined() }} (select * from {{ ref('int_cycle_times_measured') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_slices_named as (select * from {{ ref('int_slices_named') }}),
dim_fiscal_period as {{ inlined() }} (select * from {{ ref('dim_fiscal_period') }}),
dim_product as {{ inlined() }} (select * from {{ ref('dim_product') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

metrics as (
    {% for metric_id, metric in board_metrics().items() %}
    select
        '{{ metric_id }}' as metric_id, '{{ metric.version }}' as metric_version,
        '{{ metric.name | replace("'", "''") }}' as metric_name, '{{ metric.unit }}' as unit,
        '{{ metric.over_periods }}' as over_periods, '{{ metric.proof }}' as proof_id,
        {% for name, holds in [('is_quotient', metric.denominator), ('is_of_known', metric.is_of_known),
            ('is_of_books', metric.mart in of_books)] %}
        {{ 'true' if holds else 'false' }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Periods and quarters side by side, each with its place in the year.
calendar as (
    select
        calendar.*, begun.fiscal_period is not null as is_begun, coalesce(begun.is_complete, false) as is_complete
    from dim_fiscal_period as calendar
    left join int_fiscal_periods_begun as begun on calendar.fiscal_period = begun.fiscal_period
),

spans as (
    select
        'fiscal_period' as period_type, fiscal_period as period_id, fiscal_year, first_date, last_date, is_begun,
        is_complete, 1 as periods
    from calendar
    union all
    select
        'fiscal_quarter', fiscal_quarter, fiscal_year, min(first_date), max(last_date),
        max(case when is_begun then 1 else 0 end) = 1, min(case when is_complete then 1 else 0 end) = 1, count(*)
    from calendar
    group by fiscal_quarter, fiscal_year
),

ranked as (
    select
        *,
        row_number() over (partition by period_type order by first_date) as span_rank,
        row_number() over (partition by period_type, fiscal_year order by first_date) as place,
        dense_rank() over (partition by period_type order by year_start) as year_rank
    from (select *, min(first_date) over (partition by fiscal_year) as year_start from spans) as spans
),

places as (
    select
        *,
        first_date = min(first_date) over (partition by fiscal_quarter) as is_first,
        last_date = max(case when is_begun then last_date end) over (partition by fiscal_quarter) as is_last
    from calendar
),

-- Of a flow each period that is over must be known, or its quarter is not.
known as (
    select
        figures.metric_id, places.fiscal_quarter, count(*) as periods_known
    from int_board_figures_measured as figures
    inner join places on figures.fiscal_period = places.fiscal_period and places.is_complete
    where figures.slice_type = 'all' and figures.numerator is not null
    group by figures.metric_id, places.fiscal_quarter
),

over as (
    select fiscal_quarter, sum(case when is_complete then 1 else 0 end) as periods_over from calendar group by 1
),

quarters as (
    select
        figures.metric_id, figures.slice_type, figures.slice_value, places.fiscal_quarter,
        {% for part in ['numerator', 'denominator'] %}
        case
            when count(case when places.is_begun then figures.{{ part }} end)
                = count(case when places.is_begun then 1 end)
                then sum(case when places.is_begun then figures.{{ part }} end)
        end as {{ part }},
        {% endfor %}
        {% for part in ['covered', 'whole', 'n'] %}
        sum(case when places.is_begun then figures.{{ part }} end) as {{ part }},
        {% endfor %}
        max(case when places.is_begun then figures.reason end) as reason,
        {% for part in ['plan_numerator', 'plan_denominator'] %}
        case when metrics.over_periods = 'sum' then sum(figures.{{ part }}) end as {{ part }},
        {% endfor %}
        count(figures.plan_numerator) as periods_planned,
        min(case when figures.is_complete then 1 else 0 end) = 1 as is_complete,
        max(figures.currency) as currency, min(figures.data_as_of) as data_as_of, min(figures.loaded_at) as loaded_at
    from int_board_figures_measured as figures
    inner join metrics on figures.metric_id = metrics.metric_id
    inner join places
        on figures.fiscal_period = places.fiscal_period
        and case metrics.over_periods
            when 'first' then places.is_first when 'last' then places.is_last else true
        end
    group by
        figures.metric_id, figures.slice_type, figures.slice_value, places.fiscal_quarter, metrics.over_periods
),

figures as (
    select
        metric_id, slice_type, slice_value, 'fiscal_period' as period_type, fiscal_period as period_id,
        numerator, denominator, covered, whole, n, reason, plan_numerator, plan_denominator, is_complete,
        currency, data_as_of, loaded_at
    from int_board_figures_measured
    union all
    select
        quarters.metric_id, quarters.slice_type, quarters.slice_value, 'fiscal_quarter', quarters.fiscal_quarter,
        case when is_known then quarters.numerator end, case when is_known then quarters.denominator end,
        quarters.covered, quarters.whole, quarters.n,
        coalesce(quarters.reason, case when not is_known then 'short_history' end),
        case when quarters.periods_planned = spans.periods then quarters.plan_numerator end,
        case when quarters.periods_planned = spans.periods then quarters.plan_denominator end,
        quarters.is_complete, quarters.currency, quarters.data_as_of, quarters.loaded_at
    from (
        select
            quarters.*,
            metrics.over_periods <> 'sum' or coalesce(known.periods_known, 0) = over.periods_over as is_known
        from quarters
        inner join metrics on quarters.metric_id = metrics.metric_id
        inner join over on quarters.fiscal_quarter = over.fiscal_quarter
        left join known
            on quarters.metric_id = known.metric_id and quarters.fiscal_quarter = known.fiscal_quarter
    ) as quarters
    inner join spans on spans.period_type = 'fiscal_quarter' and quarters.fiscal_quarter = spans.period_id
    {% for metric_id, metric in board_metrics().items() if metric.over_periods == 'anew' %}
    union all
    select
        '{{ metric_id }}', slice_type, slice_value, period_type, period_id, {{ board_number(metric.value) }}, null,
        cycle_n, items_done, cycle_n, null, null, null, true, null, data_as_of, loaded_at
    from int_cycle_times_measured
    {% endfor %}
),

reasoned as (
    select
        {% for column in ['metric_id', 'slice_type', 'slice_value', 'period_type', 'period_id', 'numerator',
            'denominator', 'covered', 'whole', 'plan_numerator', 'plan_denominator', 'currency',
            'data_as_of', 'loaded_at'] %}
        figures.{{ column }},
        {% endfor %}
        {% for column in ['metric_version', 'metric_name', 'unit', 'over_periods', 'proof_id', 'is_quotient',
            'is_of_known', 'is_of_books'] %}
        metrics.{{ column }},
        {% endfor %}
        ranked.fiscal_year, ranked.last_date, ranked.span_rank, ranked.place, ranked.year_rank,
        ranked.is_complete and figures.is_complete as is_complete,
        coalesce(
            figures.reason,
            case
                when figures.numerator is null then 'no_data'
                when metrics.is_quotient and coalesce(figures.denominator, 0) <= 0 then 'no_denominator'
                when figures.n < policy.ratio_min_n then 'too_few'
            end
        ) as value_reason
    from figures
    inner join metrics on figures.metric_id = metrics.metric_id
    inner join ranked
        on figures.period_type = ranked.period_type and figures.period_id = ranked.period_id and ranked.is_begun
    cross join int_policies_read as policy
),

valued as (
    select
        *,
        case
            when value_reason is not null then null
            when is_quotient then {{ board_quotient('numerator', 'denominator') }}
            else numerator
        end as value,
        case
            when is_quotient then {{ board_quotient('plan_numerator', 'plan_denominator') }} else plan_numerator
        end as plan_value
    from reasoned
),

compared as (
    select
        valued.*,
        prior.value as prior_value,
        year_ago.value as year_ago_value,
        not valued.is_complete and valued.over_periods = 'sum' as is_so_far
    from valued
    left join valued as prior
        on valued.metric_id = prior.metric_id and valued.slice_type = prior.slice_type
        and valued.slice_value = prior.slice_value and valued.period_type = prior.period_type
        and valued.span_rank = prior.span_rank + 1
    left join valued as year_ago
        on valued.metric_id = year_ago.metric_id and valued.slice_type = year_ago.slice_type
        and valued.slice_value = year_ago.slice_value and valued.period_type = year_ago.period_type
        and valued.year_rank = year_ago.year_rank + 1 and valued.place = year_ago.place
),

differing as (
    select
        *,
        {% for name, other in [('change', 'prior'), ('yoy_change', 'year_ago'), ('plan_variance', 'plan')] %}
        case when not is_so_far then value - {{ other }}_value end as {{ name }}_value,
        {% endfor %}
        case
            when value is null then coalesce(value_reason, 'no_data') when unit = 'ratio' then 'is_ratio'
            when is_so_far then 'partial'
        end as not_compared
    from compared
)

select
    cells.slice_type <> 'product' or cells.period_type <> 'fiscal_period' as is_rollup,
    cells.metric_id,
    cells.metric_version,
    cells.metric_name,
    cells.unit,
    cells.slice_type,
    cells.slice_value,
    coalesce(products.product_name, names.slice_name) as slice_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    cells.period_type,
    cells.period_id,
    cells.fiscal_year,
    cells.last_date as period_end_date,
    cells.is_complete,
    {% for part in ['value', 'numerator', 'denominator'] %}
    {{ 'cells.value' if part == 'value' else 'case when cells.is_quotient then cells.' ~ part ~ ' end' }} as {{ part }},
    {% endfor %}
    case when cells.value is null then cells.value_reason end as value_reason,
    cells.prior_value,
    cells.change_value,
    {{ guarded('change_ratio', 'cells.change_value', 'greatest(cells.prior_value, 0)', none, 'no_base',
        unless='cells.not_compared') }},
    cells.year_ago_value,
    cells.yoy_change_value,
    {{ guarded('yoy_ratio', 'cells.yoy_change_value', 'greatest(cells.year_ago_value, 0)', none, 'no_base',
        unless='cells.not_compared') }},
    cells.plan_value,
    cells.plan_variance_value,
    {{ guarded('plan_variance_ratio', 'cells.plan_variance_value', 'abs(cells.plan_value)', none, 'no_plan',
        unless='cells.not_compared') }},
    {{ guarded('coverage_ratio', 'cells.covered', 'cells.whole', none, 'not_measured',
        unless='case when cells.value is null then cells.value_reason end') }},
    case
        when cells.value is null and cells.value_reason in ('{{ suppressed | join("', '") }}') then 'suppressed'
        when not cells.is_complete then 'partial'
        when cells.is_of_books and coalesce(cells.last_date > preferences.book_close_date, true) then 'open'
        else 'final'
    end as status,
    cells.proof_id,
    cells.currency,
    cells.data_as_of,
    cells.loaded_at
from differing as cells
left join dim_product as products
    on cells.slice_type in ('product', 'portfolio') and cells.slice_value = products.product_id
left join int_slices_named as names
    on cells.slice_type = names.slice_type and cells.slice_value = names.slice_value
left join stg_quickbooks__preferences as preferences on true
where
    cells.value is not null or cells.plan_value is not null or cells.slice_type = 'all' or cells.is_of_known
    or cells.value_reason in ('{{ suppressed | join("', '") }}')
