-- The shape of pay: for whom the people of a period worked, by day, at their pay of the day. The ledger owns the
-- amount. Of each function by itself, for accounts of one function, and of everybody.
with team_days as (
    select
        fiscal_period, lower(function_name) as function_name, team_id, work_date,
        sum(pay_weight) as pay_weight, sum(fte_millionths) as fte_millionths
    from {{ ref('int_pay_days_valued') }}
    group by 1, 2, 3, 4
),

-- More may be taken back than is paid: nobody's product is below zero.
by_function as (
    select
        days.fiscal_period, coalesce(days.function_name, 'UNMAPPED') as function_name,
        coalesce(products.product_id, 'UNALLOCATED') as product_id,
        greatest(sum(days.pay_weight * coalesce(products.share_millionths, 1000000)), 0) as pay_weight,
        sum(days.fte_millionths * coalesce(products.share_millionths, 1000000)) as fte_weight
    from team_days as days
    left join {{ ref('int_team_products_ranged') }} as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    group by 1, 2, 3
),

scopes as (
    select * from by_function
    union all
    select fiscal_period, 'EVERYBODY', product_id, sum(pay_weight), sum(fte_weight)
    from by_function
    group by fiscal_period, product_id
),

summed as (
    select *, sum(pay_weight) over (partition by fiscal_period, function_name) as whole_weight from scopes
)

select
    fiscal_period,
    function_name as pay_scope,
    product_id,
    case
        when whole_weight > 0 then {{ half_even('pay_weight * ' ~ trillion(), 'whole_weight') }}
        else 0
    end as share_trillionths,
    cast(fte_weight as bigint) as fte_weight
from summed
