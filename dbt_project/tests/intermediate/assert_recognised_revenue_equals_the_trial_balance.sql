{{ config(meta={'dagster': {'ref': {'name': 'fct_revenue_recognised'}}}) }}
{{ beside_trial_balance('fct_revenue_recognised', ['revenue'], ['Income'], sign=-1) }}
