-- An amount that could not be read, or an account that did not land, is such a row.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof = 'entry'
