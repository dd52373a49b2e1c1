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
            'source': 'jira', 'controls': ['issue_statuses', 'issue_resolutions', 'issue_projects'],
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
