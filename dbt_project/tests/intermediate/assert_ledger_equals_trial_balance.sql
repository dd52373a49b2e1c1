{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof in ('trial_balance', 'unread')
