-- Red means: what the ledger says moved on an account in a period is not what QuickBooks' trial balance says, or one of
-- the two was refused. The period is held back from revenue; the rest is published. The row names the account, both
-- amounts and a transaction that differs from its document. Load again with the census; if it stays, look the
-- transaction up in QuickBooks.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof in ('trial_balance', 'unread')
