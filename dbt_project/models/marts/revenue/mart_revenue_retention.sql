-- Accounts that no customer owns are in no cohort: whether they stayed is unknown. What they brought stands beside it,
-- and where it is too much of the whole the product has no ratio on any slice: they may be of any segment.
with int_cohort_logos_retained as {{ inlined() }} (select * from {{ ref('int_cohort_logos_retained') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

logos as (
    select
        fiscal_period, product_id, segment, market,
        case when logo_id = 'UNMAPPED' then 0 else 1 end as logo_count,
        {% for part in ['start', 'net', 'gross'] %}
        case when logo_id = 'UNMAPPED' then 0 else {{ part }}_minor end as {{ part }}_minor,
        {% endfor %}
        case when logo_id = 'UNMAPPED' then start_minor else 0 end as unmapped_start_minor
    from int_cohort_logos_retained
),

slices as (
    {% for slice_type, slice_value in [('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')] %}
    select
        fiscal_period, product_id, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        sum(logo_count) as logos, sum(start_minor) as start_minor, sum(net_minor) as net_minor,
        sum(gross_minor) as gross_minor, sum(unmapped_start_minor) as unmapped_start_minor
    from logos
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

wholes as (
    select
        fiscal_period, product_id, start_minor as known_minor, start_minor + unmapped_start_minor as whole_minor
    from slices
    where slice_type = 'all'
),

covered as (
    select
        slices.*,
        wholes.known_minor,
        wholes.whole_minor,
        policy.ratio_min_n,
        case
            when 100 * wholes.known_minor < policy.retention_min_coverage_percent * wholes.whole_minor then 'coverage'
        end as uncovered_reason
    from slices
    inner join wholes on slices.fiscal_period = wholes.fiscal_period and slices.product_id = wholes.product_id
    cross join int_policies_read as policy
),

labelled as (
    {{ labelled('covered', 'int_revenue_periods_ranged', 'int_stripe_clocks_read', named=['slice']) }}
)

select
    slice_type <> 'all' or product_id = 'COMPANY' as is_rollup,
    {{ period_and_product('labelled') }},
    slice_type,
    slice_value,
    slice_name,
    cast(logos as bigint) as cohort_logos,
    {% for part in ['start', 'net', 'gross'] %}
    {{ in_units(part ~ '_minor', 'labelled') }} as {{ part }}_mrr,
    {% endfor %}
    {{ in_units('unmapped_start_minor', 'labelled') }} as unmapped_start_mrr,
    {{ guarded('coverage_ratio', 'known_minor', 'whole_minor', none, 'no_start') }},
    {% for ratio, kept in [('nrr_ratio', 'net_minor'), ('grr_ratio', 'gross_minor')] %}
    {{ guarded(ratio, kept, 'start_minor', 'logos', 'no_start', unless='uncovered_reason', least='ratio_min_n') }},
    {% endfor %}
    currency,
    data_as_of,
    loaded_at
from labelled
