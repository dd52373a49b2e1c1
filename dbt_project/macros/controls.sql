{#
    Controls: what a vendor itself says, against what is held of it.
    Belongs here: which control is of which source, and where it is compared. Does not: comparing
    (int_<family>_controls_compared), what a red one means (quality/controls.py).
#}

{# By the model that compares: its source and its controls. People are counted in the restricted database. #}
{% macro controls() -%}
    {{ return({
        'int_billing_controls_compared': {'source': 'stripe', 'controls': ['billed_balances', 'listed_items']},
        'int_delivery_controls_compared': {
            'source': 'jira',
            'controls': [
                'issue_statuses', 'issue_categories', 'issue_resolutions', 'issue_steps', 'issue_projects',
                'issue_epics',
            ],
        },
        'int_usage_controls_compared': {
            'source': 'amplitude',
            'controls': ['event_totals', 'cohort_sizes', 'identified_users', 'counted_users', 'first_days'],
        },
        'int_ledger_controls_compared': {
            'source': 'quickbooks', 'controls': ['ledger_periods_tied', 'recognised_revenue'],
        },
    }) }}
{%- endmacro %}

{# Whether two instants of Jira's are of one step. #}
{% macro is_near(one, other) -%}
    {{ one }} between {{ dbt.dateadd('minute', -1, other) }} and {{ dbt.dateadd('minute', 1, other) }}
{%- endmacro %}

{# Whether a range holds at an instant or within a minute of it. #}
{% macro holds_near(ranges, instant) -%}
    {{ ranges }}.valid_from <= {{ dbt.dateadd('minute', 1, instant) }} and {{ instant }} <= {{ range_end(ranges) }}
{%- endmacro %}

{# Whether an issue was read after the last change that its history knows. #}
{% macro is_read_after(issues, ended) -%}
    coalesce({{ ended }}.valid_from <= {{ dbt.dateadd('minute', 1, issues ~ '.updated_at') }}, true)
{%- endmacro %}
