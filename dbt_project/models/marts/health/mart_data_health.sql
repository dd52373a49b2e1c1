{% set streams = ['fields', 'projects', 'statuses', 'issues', 'changelogs', 'worklogs', 'boards', 'sprints', 'users'] %}
with items as (
    select
        issue_id,
        max(case when product_id <> 'UNMAPPED' then 1 else 0 end) as has_product,
        max(case when team_id <> 'UNMAPPED' then 1 else 0 end) as has_team
    from {{ ref('int_work_item_moments_attributed') }}
    where moment = 'now'
    group by issue_id
),

work_figures as (
    select 'mapping_coverage' as metric_id, coalesce(sum(has_product), 0) as numerator, count(*) as denominator from items
    union all
    select 'team_coverage', coalesce(sum(has_team), 0), count(*) from items
    {% for stream in streams %}
    union all
    select 'quarantine_{{ stream }}', count(quarantine_reason), count(*)
    from {{ ref('base_jira__' ~ stream) }} where not is_deleted
    {% if stream == 'changelogs' %}
        -- The vendor tells of no deleted history: it goes with its issue.
        and parent_id in (select record_id from {{ ref('base_jira__issues') }} where not is_deleted)
    {% endif %}
    {% endfor %}
),

usage_figures as (
    select metric_id, numerator, denominator from {{ ref('int_events_checked') }}
    {% for stream in ['event_types', 'cohorts', 'cohort_members'] %}
    union all
    select 'quarantine_{{ stream }}', count(quarantine_reason), count(*) from {{ ref('base_amplitude__' ~ stream) }} where not is_deleted
    {% endfor %}
),

billing_figures as (
    select
        case map_file when 'product_map' then 'mapping_coverage' else 'account_coverage' end as metric_id,
        sum(uses - unmapped_uses) as numerator,
        sum(uses) as denominator
    from {{ ref('int_billing_keys_measured') }}
    group by map_file
    {% for stream in ['customers', 'products', 'prices', 'coupons', 'subscriptions', 'subscription_items', 'invoices', 'invoice_lines', 'credit_notes',
        'credit_note_lines', 'charges', 'refunds', 'balance_transactions'] %}
    union all
    select 'quarantine_{{ stream }}', count(quarantine_reason), count(*) from {{ ref('base_stripe__' ~ stream) }} where not is_deleted
    {% endfor %}
),

-- The newest of what is billed and paid: money moves with each.
billing_clock as (
    select max(created_at) as data_as_of
    from (
        select created_at from {{ ref('stg_stripe__invoices') }}
        union all
        select created_at from {{ ref('stg_stripe__balance_transactions') }}
    ) as moved
),

measured as (
    select 'jira' as source, work_figures.*, clock.data_as_of from work_figures cross join {{ ref('int_clocks_read') }} as clock
    union all
    select 'amplitude', usage_figures.*, clock.data_as_of from usage_figures cross join {{ ref('int_usage_clocks_read') }} as clock
    union all
    select 'stripe', billing_figures.*, clock.data_as_of from billing_figures cross join billing_clock as clock
)

select
    source,
    metric_id,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(numerator as double) / nullif(denominator, 0) as ratio,
    data_as_of
from measured
