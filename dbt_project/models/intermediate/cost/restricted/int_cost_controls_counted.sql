{{ config(materialized='view') }}

-- Counts alone leave the restricted database.
select
    control_id,
    fiscal_period,
    count(case when is_agreed then 1 end) as agreeing,
    count(*) as compared
from {{ ref('int_cost_controls_compared') }}
group by control_id, fiscal_period
