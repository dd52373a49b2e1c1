-- Yellow means: in a period the books capitalise another amount of people's work than the chosen regime does at standard,
-- or do so while it is off. Neither is wrong by that: what is booked must be what was paid, and ours is days at standard
-- rates. Each row names period, account and document; the difference is a reconciling item for finance.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_capex_journals_compared'}}}) }}
select * from {{ ref('int_capex_journals_compared') }} where period_difference_minor <> 0
