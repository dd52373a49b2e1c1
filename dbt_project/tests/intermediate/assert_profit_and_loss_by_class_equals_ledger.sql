{% set means %}
Yellow: income or expense of a class is not what QuickBooks reports for the period, so figures of products that are
built on classes are wrong; the period is held back from revenue. Load QuickBooks again with the census, then look the
class up in its profit and loss.
{% endset %}
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_ledger_differences_found'}}, 'description': means}) }}
select * from {{ ref('int_ledger_differences_found') }} where proof = 'class'
