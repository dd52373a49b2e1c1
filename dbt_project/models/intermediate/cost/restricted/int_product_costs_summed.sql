-- Sums of the scenario `standard` leave the restricted database, no posting and no person's pay. What the cost is for
-- follows the function of the account or of the people; what names none is general and administrative.
select
    fiscal_period,
    product_id,
    statement_group,
    stage,
    case
        when statement_group = 'cost_of_revenue' then 'cost_of_revenue'
        when account_function in ('engineering', 'product', 'design') then 'research_and_development'
        when account_function in ('sales', 'marketing') then 'sales_and_marketing'
        else 'general_and_administrative'
    end as statement_line,
    coalesce(cost_type, '') = 'depreciation' as is_depreciation,
    cast(sum(amount_minor) as bigint) as amount_minor,
    currency
from {{ ref('fct_allocation') }}
where scenario_id = 'standard'
group by 1, 2, 3, 4, 5, 6, 8
having sum(amount_minor) <> 0
