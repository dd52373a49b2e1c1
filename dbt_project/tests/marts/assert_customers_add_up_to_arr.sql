{% set means %}
Red: a customer is missing from the list of customers, or is there twice: its sum is not the company's ARR.
{% endset %}
{{ config(meta={'dagster': {'ref': {'name': 'mart_customer'}}, 'description': means}) }}
select fiscal_period, sum(plan) as plan_left, sum(actual) as actual_left
from (
    select fiscal_period, closing_arr as plan, closing_arr_actual as actual from {{ ref('mart_customer') }}
    union all
    select fiscal_period, -closing_arr, -closing_arr_actual from {{ ref('mart_arr') }}
) as sums
group by fiscal_period
having sum(plan) <> 0 or sum(actual) <> 0
