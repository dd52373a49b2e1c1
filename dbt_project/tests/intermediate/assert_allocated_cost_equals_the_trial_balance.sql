{% set means %}
Red: what was allocated of a cost account since the books' year began is not what QuickBooks' own trial balance says,
so products cost more or less than the books. A posting of the account is lost or counts twice.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'fct_allocation'}}, 'description': means}) }}
{{ beside_trial_balance(
    'fct_allocation', ['cost_of_revenue', 'operating_expense'], ['Cost of Goods Sold', 'Expense', 'Other Expense'],
    sign=1, scenario='actual'
) }}
