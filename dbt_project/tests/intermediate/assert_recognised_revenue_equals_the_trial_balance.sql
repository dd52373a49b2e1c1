{% set means %}
Red: what was recognised on a revenue account since the books' year began is not what QuickBooks' own trial balance
says. A posting of the account is lost or counts twice.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'fct_revenue_recognised'}}, 'description': means}) }}
{{ beside_trial_balance('fct_revenue_recognised', ['revenue'], ['Income'], sign=-1) }}
