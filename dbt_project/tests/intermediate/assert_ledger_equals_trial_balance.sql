{% set means %}
Yellow: what the ledger says moved on an account in a period is not what QuickBooks' trial balance says, or one of the
two was refused; the period is held back from revenue. Load QuickBooks again with the census; if it stays, look up the
transaction that the row names.
{% endset %}
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}, 'description': means}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof in ('trial_balance', 'unread')
