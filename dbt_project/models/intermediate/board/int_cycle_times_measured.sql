{%- set slices = {'all': "'ALL'", 'portfolio': 'portfolio_id', 'product': 'product_id'} -%}
-- A median is none of medians: it is counted anew for each slice, period and quarter, each item once in each.
with int_work_item_timestamps_attributed as (select * from {{ ref('int_work_item_timestamps_attributed') }}),
int_work_items_flowed as (select * from {{ ref('int_work_items_flowed') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_top_products_resolved as (select * from {{ ref('int_top_products_resolved') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
dim_fiscal_period as (select * from {{ ref('dim_fiscal_period') }}),

-- By the period in which their week ends, as throughput is.
items as (
    select
        done.issue_id, flow.cycle_ms, periods.fiscal_period, calendar.fiscal_quarter,
        coalesce(tops.top_product_id, done.product_id) as product_id, tops.portfolio_id
    from int_work_item_timestamps_attributed as done
    inner join int_work_items_flowed as flow on done.issue_id = flow.issue_id and flow.counts_as_done
    inner join int_fiscal_periods_begun as periods
        on cast({{ dbt.dateadd('day', 6, 'done.week_start_date') }} as date)
            between periods.first_date and periods.last_date
    inner join dim_fiscal_period as calendar on periods.fiscal_period = calendar.fiscal_period
    left join int_top_products_resolved as tops on done.product_id = tops.product_id
    where done.timestamp_type = 'done'
)

{% for period_type in ['fiscal_period', 'fiscal_quarter'] %}
{% for slice_type, slice_value in slices.items() %}
{{ 'union all' if not (loop.first and period_type == 'fiscal_period') }}
select
    '{{ period_type }}' as period_type, {{ period_type }} as period_id,
    '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
    count(*) as items_done,
    count(cycle_ms) as cycle_n,
    {{ quantile('cycle_ms', 0.5) }} / 3600000.0 as cycle_median_hours,
    {{ quantile('cycle_ms', 0.85) }} / 3600000.0 as cycle_p85_hours,
    min(clock.data_as_of) as data_as_of,
    min(clock.loaded_at) as loaded_at
from (
    select distinct issue_id, cycle_ms, {{ period_type }}{{ ', ' ~ slice_value if slice_type != 'all' }} from items
) as counted
cross join int_jira_clocks_read as clock
{{ 'where ' ~ slice_value ~ ' is not null' if slice_type != 'all' }}
group by {{ period_type }}{{ ', ' ~ slice_value if slice_type != 'all' }}
{% endfor %}
{% endfor %}
