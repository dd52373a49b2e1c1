{#
    The list of landed streams, once: what the quarantine models, the counts of each source, the health figures and the
    clocks go through.

    Belongs here: which streams a source has, where staging serves each, what is odd about one. Does not: columns (base
    models), where files lie (landing.sql). tests/test_graph_laws.py compares the list with the loaders' own.

    Facts of a stream: `view` is the staging view that serves it where that is not named as the stream is; streams that
    share one differ in its column `stream`. `is_restricted` is pay, in models of its own. `is_events` lands as
    lines of hours. `parent` is the stream whose deletion deletes these records too, because the vendor reports none of
    their own. `clock` is the column of the base model that says how new a record is: the source's data is as new as the
    newest of its streams that have one (decision 0086). A stream that is quiet for months in good health (coupons,
    boards) has none. `seen` is the column of the time by which the vendor itself had it, where that is not when we read
    it.
#}
{% macro landed_streams() -%}
    {{ return({
        'jira': {
            'fields': {}, 'projects': {}, 'statuses': {}, 'issues': {'clock': 'updated_at'},
            'changelogs': {'parent': 'issues'}, 'worklogs': {}, 'boards': {}, 'sprints': {}, 'users': {},
        },
        'amplitude': {
            'events': {'is_events': true, 'clock': 'event_at', 'seen': 'uploaded_at'},
            'event_types': {}, 'cohorts': {}, 'cohort_members': {},
        },
        'stripe': {
            'customers': {}, 'products': {}, 'prices': {}, 'coupons': {}, 'subscriptions': {}, 'subscription_items': {},
            'invoices': {'clock': 'created_at'},
            'invoice_lines': {}, 'invoice_payments': {}, 'invoice_items': {}, 'credit_notes': {},
            'credit_note_lines': {}, 'charges': {},
            'refunds': {}, 'balance_transactions': {'clock': 'created_at'},
        },
        'quickbooks': {
            'company_info': {'view': 'company_infos'}, 'preferences': {}, 'accounts': {}, 'items': {},
            'classes': {'view': 'names'}, 'departments': {'view': 'names'}, 'customers': {'view': 'names'},
            'vendors': {'view': 'names'},
            'employees': {'view': 'names'},
            'journal_entries': {'view': 'documents', 'clock': 'updated_at'},
            'invoices': {'view': 'documents', 'clock': 'updated_at'},
            'credit_memos': {'view': 'documents', 'clock': 'updated_at'},
            'sales_receipts': {'view': 'documents', 'clock': 'updated_at'},
            'refund_receipts': {'view': 'documents', 'clock': 'updated_at'},
            'payments': {'view': 'documents', 'clock': 'updated_at'},
            'deposits': {'view': 'documents', 'clock': 'updated_at'},
            'transfers': {'view': 'documents', 'clock': 'updated_at'},
            'bills': {'view': 'documents', 'clock': 'updated_at'},
            'vendor_credits': {'view': 'documents', 'clock': 'updated_at'},
            'bill_payments': {'view': 'documents', 'clock': 'updated_at'},
            'purchases': {'view': 'documents', 'clock': 'updated_at'},
            'credit_card_payments': {'view': 'documents', 'clock': 'updated_at'},
            'trial_balances': {'view': 'reports'}, 'profit_and_loss_by_class': {'view': 'reports'},
            'general_ledgers': {'view': 'reports'},
        },
        'bamboohr': {
            'employees': {'clock': 'extracted_at'}, 'job_info': {}, 'employment_statuses': {},
            'compensation': {'is_restricted': true}, 'time_off_requests': {},
            'holidays': {}, 'locations': {}, 'lists': {}, 'fields': {},
        },
        'files': {
            'products': {}, 'product_map': {'view': 'product_maps'}, 'teams': {}, 'customers': {},
            'customer_map': {'view': 'customer_maps'},
            'segments': {}, 'markets': {}, 'worker_map': {'view': 'worker_maps'},
            'account_map': {'view': 'account_maps'},
            'vendor_map': {'view': 'vendor_maps'}, 'work_types': {}, 'team_products': {},
            'price_book': {'view': 'list_prices'},
            'fx_plan': {'view': 'plan_rates'},
            'fiscal_periods': {}, 'holidays': {}, 'market_size': {'view': 'market_sizes'},
            'budget': {'view': 'budgets'}, 'allocation_rules': {}, 'overhead_types': {},
            'shared_drivers': {}, 'ai_spend': {'view': 'ai_bills'},
            'capex_criteria': {'view': 'capex_approvals'}, 'okr_cycles': {},
            'objectives': {}, 'key_results': {}, 'key_result_targets': {}, 'goal_parents': {}, 'checkins': {},
            'decisions': {}, 'goal_links': {}, 'link_types': {}, 'promises': {},
            'policy': {'view': 'policies'}, 'read_days': {},
        },
        'fx': {'rates': {'clock': 'rate_date'}},
    }) }}
{%- endmacro %}

{# What is computed from the warehouse (source forecasts) is in no list: figures of health do not wait for it. #}
{% macro lands_as_events(source_name, stream) -%}
    {{ return(landed_streams().get(source_name, {}).get(stream, {}).get('is_events', false)) }}
{%- endmacro %}

{#
    The streams of a source, those of pay or all others: name, base model, staging view and whether that is shared,
    parent, is_events, clock, seen. Rows of files carry no time of their own: each is as new as its reading.
#}
{% macro streams_of(source_name, restricted=false) -%}
    {%- set streams, views = [], landed_streams()[source_name].values() | map(attribute='view') | list -%}
    {%- for name, facts in landed_streams()[source_name].items() if facts.get('is_restricted', false) == restricted -%}
        {%- do streams.append({
            'name': name, 'base': 'base_' ~ source_name ~ '__' ~ name,
            'view': 'stg_' ~ source_name ~ '__' ~ facts.get('view', name),
            'is_shared': 'view' in facts and views.count(facts['view']) > 1, 'parent': facts.get('parent'),
            'is_events': facts.get('is_events', false), 'seen': facts.get('seen', 'extracted_at'),
            'clock': facts.get('clock', 'extracted_at' if source_name == 'files'),
        }) -%}
    {%- endfor -%}
    {{ return(streams) }}
{%- endmacro %}

{#
    Every record of a source that does not fit its types, with the reason: what the staging views leave out. Lines of
    events are judged by their own model.
#}
{% macro quarantined(source_name, restricted=false) -%}
    {% for stream in streams_of(source_name, restricted) if not stream.is_events %}
select '{{ source_name }}' as source, '{{ stream.name }}' as stream, record_id, quarantine_reason, extracted_at, load_id
from {{ ref(stream.base) }}
where quarantine_reason is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro %}

{#
    Per stream of a source: what landing serves, what of it staging loaded and quarantined, when it came, how new it is.
    A record whose time is later than it was seen, by more than the five minutes that Kerberos allows two machines'
    clocks to differ, has a wrong clock: it is counted and does not make the data newer. Not by today's date: tomorrow
    it would.
    What streams share is read once: each for itself, the planning of their unions alone took 2.5 s of QuickBooks.
#}
{% macro stream_counts(source_name, restricted=false) -%}
    {%- set streams = streams_of(source_name, restricted) -%}
    {%- set shared = streams | selectattr('is_shared') | map(attribute='view') | unique | list -%}
with kept_out as (
    select stream, count(*) as quarantined
    from {{ ref('stg_' ~ source_name ~ ('__pay_quarantine' if restricted else '__quarantine')) }}
    group by stream
){% for view in shared %},

{{ view }} as (select stream, count(*) as loaded from {{ ref(view) }} group by stream){% endfor %}

    {% for stream in streams %}
select
    '{{ source_name }}' as source, '{{ stream.name }}' as stream,
    landed.served, staged.loaded, kept_out.quarantined,
    landed.existing,
    {{ 'landed.existing_quarantined' if stream.parent else 'kept_out.quarantined' }} as existing_quarantined,
    {{ to_utc_clock('landed.served_extracted_at') }} as served_loaded_at,
    {{ to_utc_clock('landed.extracted_at') }} as loaded_at,
    landed.data_as_of,
    landed.future_records
from (
    select
        count(case when is_served then 1 end) as served,
        count(case when is_served and has_parent then 1 end) as existing,
        count(case when is_served and has_parent then quarantine_reason end) as existing_quarantined,
        max(case when is_served then extracted_at end) as served_extracted_at,
        max(extracted_at) as extracted_at,
        {% if stream.clock %}
        max(
            case when is_served and has_parent and quarantine_reason is null and clock_at <= latest_at then clock_at end
        ) as data_as_of,
        {% else %}
        cast(null as timestamp) as data_as_of,
        {% endif %}
        {% if stream.clock and stream.clock != 'extracted_at' %}
        count(case when is_served and has_parent and clock_at > latest_at then 1 end) as future_records
        {% else %}
        cast(null as bigint) as future_records
        {% endif %}
    from (
        select
            extracted_at, quarantine_reason, {{ is_served(stream) }} as is_served,
            {% if stream.clock %}
            {{ instant_of(stream.clock) }} as clock_at,
            {{ dbt.dateadd('minute', 5, instant_of(stream.seen)) }} as latest_at,
            {% endif %}
            {{ 'parent_id in (select record_id from ' ~ ref('base_' ~ source_name ~ '__'
                ~ stream.parent) ~ ' where not is_deleted)' if stream.parent else 'true' }} as has_parent
        from {{ ref(stream.base) }}
    ) as records
) as landed
cross join (
    {% if stream.is_shared %}
    select cast(coalesce(sum(loaded), 0) as bigint) as loaded from {{ stream.view }} where stream = '{{ stream.name }}'
    {% else %}
    select count(*) as loaded from {{ ref(stream.view) }}
    {% endif %}
) as staged
cross join (
    select cast(coalesce(sum(quarantined), 0) as bigint) as quarantined
    from kept_out
    where stream = '{{ stream.name }}'
) as kept_out
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
{%- endmacro %}

{# A day is as new as its beginning. #}
{% macro instant_of(column) -%}
    {{ to_utc_clock(column) if column == 'extracted_at' else 'cast(' ~ column ~ ' as timestamp)' }}
{%- endmacro %}

{# A record that is not deleted; of lines those of the newest landing of their hour. #}
{% macro is_served(stream) -%}
    {%- if stream.is_events -%}
    is_event and (project_id, export_hour, load_id) in (
                select (project_id, export_hour, max(load_id))
                from {{ ref(stream.base) }}
                group by project_id, export_hour
            )
    {%- else -%} not is_deleted
    {%- endif -%}
{%- endmacro %}
