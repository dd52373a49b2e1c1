-- Neither side is wrong by that: what is booked must be what was paid, and ours is days at standard rates.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_capex_journals_compared'}}}) }}
select * from {{ ref('int_capex_journals_compared') }} where period_difference_minor <> 0
