{% set streams = ['fields', 'projects', 'statuses', 'issues', 'changelogs', 'worklogs', 'boards', 'sprints', 'users'] %}
with items as (
    select
        issue_id,
        max(case when product_id <> 'UNMAPPED' then 1 else 0 end) as has_product,
        max(case when team_id <> 'UNMAPPED' then 1 else 0 end) as has_team
    from {{ ref('int_work_item_timestamps_attributed') }}
    where timestamp_type = 'now'
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
        -- The vendor reports no deleted history: it goes with its issue.
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

-- Of the sources whose keys are measured one by one. People's pay is no figure here.
key_figures as (
    {% for model, metrics in [
        ('int_billing_keys_measured', {'product_map': 'mapping_coverage', 'customer_map': 'account_coverage'}),
        ('int_ledger_keys_measured', {'product_map': 'mapping_coverage', 'account_map': 'ledger_coverage'}),
        ('int_staff_keys_measured', {'worker_map': 'worker_coverage', 'teams': 'team_coverage'}),
    ] %}
    {% for map_file, metric in metrics.items() %}
    select mapped_source, '{{ metric }}' as metric_id, sum(uses - unmapped_uses) as numerator, sum(uses) as denominator
    from {{ ref(model) }}
    where map_file = '{{ map_file }}' and mapped_source <> 'jira'
    group by mapped_source
    union all
    {% endfor %}
    {% endfor %}
    {% for source_name, streams in {
        'stripe': ['customers', 'products', 'prices', 'coupons', 'subscriptions', 'subscription_items', 'invoices', 'invoice_lines',
            'invoice_payments', 'invoice_items', 'credit_notes', 'credit_note_lines', 'charges', 'refunds', 'balance_transactions'],
        'quickbooks': ['company_info', 'preferences', 'accounts', 'classes', 'departments', 'customers', 'vendors', 'items', 'employees', 'journal_entries',
            'invoices', 'credit_memos', 'sales_receipts', 'refund_receipts', 'payments', 'deposits', 'transfers', 'bills', 'vendor_credits', 'bill_payments',
            'purchases', 'trial_balances', 'profit_and_loss_by_class', 'general_ledgers'],
        'bamboohr': ['employees', 'job_info', 'employment_statuses', 'time_off_requests', 'holidays', 'locations', 'lists', 'fields'],
    }.items() %}
    {% set is_last_source = loop.last %}
    {% for stream in streams %}
    select '{{ source_name }}', 'quarantine_{{ stream }}', count(quarantine_reason), count(*)
    from {{ ref('base_' ~ source_name ~ '__' ~ stream) }} where not is_deleted
    {{ 'union all' if not (loop.last and is_last_source) }}
    {% endfor %}
    {% endfor %}
),

-- The newest of what is billed, booked and known of people.
key_clocks as (
    select 'stripe' as mapped_source, max(created_at) as data_as_of
    from (
        select created_at from {{ ref('stg_stripe__invoices') }}
        union all
        select created_at from {{ ref('stg_stripe__balance_transactions') }}
    ) as moved
    union all
    select 'quickbooks', max(updated_at) from {{ ref('stg_quickbooks__documents') }}
    union all
    select 'bamboohr', max({{ to_utc_clock('extracted_at') }}) from {{ ref('base_bamboohr__employees') }} where not is_deleted
),

measured as (
    select 'jira' as source, work_figures.*, clock.data_as_of from work_figures cross join {{ ref('int_jira_clocks_read') }} as clock
    union all
    select 'amplitude', usage_figures.*, clock.data_as_of from usage_figures cross join {{ ref('int_amplitude_clocks_read') }} as clock
    union all
    select key_figures.*, clock.data_as_of from key_figures inner join key_clocks as clock on key_figures.mapped_source = clock.mapped_source
)

select
    source,
    metric_id,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(numerator as double) / nullif(denominator, 0) as ratio,
    data_as_of
from measured
