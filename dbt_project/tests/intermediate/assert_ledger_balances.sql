-- Red means: what a transaction debits is not what it credits, an amount of it could not be read, or an account of it
-- did not land: a row of the ledger is missing or was read wrongly. The period of its day is held back from revenue.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof = 'entry'
