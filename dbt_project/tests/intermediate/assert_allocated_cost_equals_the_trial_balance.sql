{{ config(meta={'dagster': {'ref': {'name': 'fct_allocation'}}}) }}
{{ beside_trial_balance(
    'fct_allocation', ['cost_of_revenue', 'operating_expense'], ['Cost of Goods Sold', 'Expense', 'Other Expense'],
    sign=1, scenario='actual'
) }}
