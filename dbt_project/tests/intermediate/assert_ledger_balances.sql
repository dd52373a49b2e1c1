-- An amount that could not be read, or an account that did not land, is such a row.
{% set means %}
Yellow: what a transaction debits is not what it credits, because a row of the ledger is missing or was read wrongly;
the period of its day is held back from revenue. Load QuickBooks again with the census, then look the transaction up
there.
{% endset %}
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}, 'description': means}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof = 'entry'
