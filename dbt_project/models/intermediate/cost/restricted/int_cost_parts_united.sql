{{ config(materialized='view') }}

-- The two scenarios of the one engine: `actual`, posting by posting, which stays here; of `standard` the sums leave.
with int_cost_parts_placed as (select * from {{ ref('int_cost_parts_placed') }}),
int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
int_standard_parts_placed as (select * from {{ ref('int_standard_parts_placed') }})

select
    'actual' as scenario_id,
    parts.gl_line_id,
    postings.fiscal_period,
    postings.posting_date,
    postings.account_id,
    postings.statement_group,
    postings.cost_type,
    postings.account_function,
    parts.stage,
    parts.product_id,
    parts.rule_id,
    parts.driver_id,
    parts.amount_minor,
    postings.currency,
    postings.rules_version
from int_cost_parts_placed as parts
inner join int_cost_postings_selected as postings on parts.gl_line_id = postings.gl_line_id
union all
select
    'standard', gl_line_id, fiscal_period, posting_date, account_id, statement_group, cost_type, account_function,
    stage, product_id, rule_id, driver_id, amount_minor, currency, rules_version
from int_standard_parts_placed
