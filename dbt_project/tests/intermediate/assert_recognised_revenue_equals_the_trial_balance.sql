-- Red means: what was recognised on a revenue account since the books' year began is not what QuickBooks' own trial
-- balance says.
{{ config(meta={'dagster': {'ref': {'name': 'fct_revenue_recognised'}}}) }}
{{ beside_trial_balance('fct_revenue_recognised', ['revenue'], ['Income'], sign=-1) }}
