{#
    Made from registry/metrics.yml by `python -m registry`; edit that file.
    Belongs here: what models need to know of metrics. Does not: rules.
#}

{#
    The marts whose measures a key result may be bound to: the date that a row is of (`ends`: its last day, or
    `starts` with the length of it), and the measures. `figures` stand in a row of each slice; `sums` add up over
    cells, and `quotients` are one sum over another, which `dimensions` may narrow.
#}
{% macro goal_measures() -%}
    {{ return(
    {'mart_arpa': {'ends': 'period_end_date', 'figures': ['paying_customers', 'arpa', 'new_customers', 'asp']},
     'mart_arr': {'ends': 'period_end_date',
                  'dimensions': ['segment', 'market'],
                  'sums': ['logo_new_mrr', 'logo_churn_mrr', 'closing_mrr', 'closing_arr']},
     'mart_pricing': {'ends': 'period_end_date',
                      'dimensions': ['segment', 'market'],
                      'quotients': {'realised_ratio': ['listed_invoice_amount', 'list_amount']}},
     'mart_revenue': {'ends': 'period_end_date',
                      'dimensions': ['segment', 'market'],
                      'sums': ['recognised_revenue']},
     'mart_revenue_retention': {'ends': 'period_end_date', 'figures': ['nrr_ratio', 'grr_ratio']},
     'mart_delivery': {'starts': 'week_start_date',
                       'length': 'week',
                       'dimensions': ['team_id'],
                       'sums': ['throughput_split', 'wip_split', 'issues_reopened']},
     'mart_adoption': {'starts': 'month_start_date',
                       'length': 'month',
                       'figures': ['users_adopting',
                                   'users_adoption_ratio',
                                   'customers_adopting',
                                   'customers_adoption_ratio']},
     'mart_usage': {'ends': 'activity_date',
                    'figures': ['dau',
                                'wau',
                                'mau_28d',
                                'mau_month',
                                'customers_day',
                                'customers_28d',
                                'stickiness_ratio',
                                'wau_mau_ratio']}}
    ) }}
{%- endmacro %}

{# Their names, as a key result gives them. #}
{% macro bindable_measures() -%}
    {{ return(
    ['mart_arpa.paying_customers',
     'mart_arpa.arpa',
     'mart_arpa.new_customers',
     'mart_arpa.asp',
     'mart_arr.logo_new_mrr',
     'mart_arr.logo_churn_mrr',
     'mart_arr.closing_mrr',
     'mart_arr.closing_arr',
     'mart_pricing.realised_ratio',
     'mart_revenue.recognised_revenue',
     'mart_revenue_retention.nrr_ratio',
     'mart_revenue_retention.grr_ratio',
     'mart_delivery.throughput_split',
     'mart_delivery.wip_split',
     'mart_delivery.issues_reopened',
     'mart_adoption.users_adopting',
     'mart_adoption.users_adoption_ratio',
     'mart_adoption.customers_adopting',
     'mart_adoption.customers_adoption_ratio',
     'mart_usage.dau',
     'mart_usage.wau',
     'mart_usage.mau_28d',
     'mart_usage.mau_month',
     'mart_usage.customers_day',
     'mart_usage.customers_28d',
     'mart_usage.stickiness_ratio',
     'mart_usage.wau_mau_ratio']
    ) }}
{%- endmacro %}
