-- Neither side is wrong by that: what is booked must be what was paid, and ours is days at standard rates.
{% set means %}
Yellow: in a period the books capitalise another amount of people's work than the chosen regime does at standard, or
do so while it is off. Finance takes the difference as a reconciling item; each row names period, account and
document.
{% endset %}
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_capex_journals_compared'}}, 'description': means}) }}
select * from {{ ref('int_capex_journals_compared') }} where period_difference_minor <> 0
