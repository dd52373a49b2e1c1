-- Red means: records of a stream are in neither the staging view nor the quarantine (figures miss them silently), or in both.
{{ config(meta={'dagster': {'ref': {'name': 'stg_jira__quarantine'}}}) }}
{% set views = {
    'jira': {'fields': 'fields', 'projects': 'projects', 'statuses': 'statuses', 'issues': 'issues', 'changelogs': 'changelogs',
        'worklogs': 'worklogs', 'boards': 'boards', 'sprints': 'sprints', 'users': 'users'},
    'files': {'products': 'products', 'product_map': 'product_maps', 'teams': 'teams',
        'customers': 'customers', 'customer_map': 'customer_maps', 'segments': 'segments', 'markets': 'markets', 'worker_map': 'worker_maps',
        'policy': 'policies', 'team_products': 'team_products', 'price_book': 'list_prices', 'fx_plan': 'plan_rates',
        'fiscal_periods': 'fiscal_periods', 'holidays': 'holidays', 'market_size': 'market_sizes', 'budget': 'budgets',
        'okr_cycles': 'okr_cycles', 'objectives': 'objectives', 'key_results': 'key_results', 'key_result_targets': 'key_result_targets',
        'checkins': 'checkins', 'decisions': 'decisions'},
    'fx': {'rates': 'rates'},
    'stripe': {'customers': 'customers', 'products': 'products', 'prices': 'prices', 'coupons': 'coupons', 'subscriptions': 'subscriptions',
        'subscription_items': 'subscription_items', 'invoices': 'invoices', 'invoice_lines': 'invoice_lines',
        'invoice_payments': 'invoice_payments', 'invoice_items': 'invoice_items', 'credit_notes': 'credit_notes',
        'credit_note_lines': 'credit_note_lines', 'charges': 'charges', 'refunds': 'refunds', 'balance_transactions': 'balance_transactions'},
    'amplitude': {'event_types': 'event_types', 'cohorts': 'cohorts', 'cohort_members': 'cohort_members'},
    'bamboohr': {'employees': 'employees', 'job_info': 'job_info', 'employment_statuses': 'employment_statuses',
        'time_off_requests': 'time_off_requests', 'holidays': 'holidays', 'locations': 'locations', 'lists': 'lists', 'fields': 'fields'},
    'quickbooks': {'company_info': 'company_infos', 'preferences': 'preferences', 'accounts': 'accounts', 'items': 'items'},
} %}
{# Views that hold several streams, named in a column. #}
{% set shared = {
    'quickbooks': {
        'names': ['classes', 'departments', 'customers', 'vendors', 'employees'],
        'documents': document_types().keys() | list,
        'reports': ['trial_balances', 'profit_and_loss_by_class', 'general_ledgers'],
    },
} %}
with counts as (
    {% for source_name, streams in views.items() %}{% for stream, view in streams.items() %}
    select
        '{{ source_name }}' as source, '{{ stream }}' as stream,
        (select count(*) from {{ ref('base_' ~ source_name ~ '__' ~ stream) }} where not is_deleted) as served,
        (select count(*) from {{ ref('stg_' ~ source_name ~ '__' ~ view) }}) as loaded,
        (select count(*) from {{ ref('stg_' ~ source_name ~ '__quarantine') }} where stream = '{{ stream }}') as quarantined
    union all
    {% endfor %}{% endfor %}
    {% for source_name, found in shared.items() %}{% for view, streams in found.items() %}{% for stream in streams %}
    select
        '{{ source_name }}', '{{ stream }}',
        (select count(*) from {{ ref('base_' ~ source_name ~ '__' ~ stream) }} where not is_deleted),
        (select count(*) from {{ ref('stg_' ~ source_name ~ '__' ~ view) }} where stream = '{{ stream }}'),
        (select count(*) from {{ ref('stg_' ~ source_name ~ '__quarantine') }} where stream = '{{ stream }}')
    union all
    {% endfor %}{% endfor %}{% endfor %}
    -- Pay: counts are all that is read of it here.
    select
        'bamboohr', 'compensation',
        (select count(*) from {{ ref('base_bamboohr__compensation') }} where not is_deleted),
        (select count(*) from {{ ref('stg_bamboohr__compensation') }}),
        (select count(*) from {{ ref('stg_bamboohr__pay_quarantine') }})
    union all
    -- Lines of events: those of the newest landing of each hour.
    select
        'amplitude', 'events',
        (select count(*) from {{ ref('base_amplitude__events') }}
            where is_event and (project_id, export_hour, load_id) in (
                select (project_id, export_hour, max(load_id)) from {{ ref('base_amplitude__events') }} group by project_id, export_hour
            )),
        (select count(*) from {{ ref('stg_amplitude__events') }}),
        (select count(*) from {{ ref('stg_amplitude__quarantine') }} where stream = 'events')
)

select * from counts where loaded + quarantined <> served
