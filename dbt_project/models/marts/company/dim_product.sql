-- The hierarchy is at most four deep (portfolio, product, module, feature), so three steps up reach the portfolio.
with versions as (
    select
        *,
        row_number() over (partition by product_id order by valid_from desc) = 1 as is_current
    from {{ ref('stg_files__products') }}
),

today as (
    select * from versions where is_current
)

select
    versions.product_id,
    versions.product_name,
    versions.level,
    versions.parent_id,
    case 'portfolio'
        when versions.level then versions.product_id
        when first.level then first.product_id
        when second.level then second.product_id
        when third.level then third.product_id
    end as portfolio_id,
    versions.owner,
    versions.lifecycle,
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join today as first on versions.parent_id = first.product_id
left join today as second on first.parent_id = second.product_id
left join today as third on second.parent_id = third.product_id
union all
select 'UNMAPPED', 'Unmapped', 'product', null, null, null, null, date '0001-01-01', date '9999-12-31', true
union all
select 'COMPANY', 'Company', 'company', null, null, null, null, date '0001-01-01', date '9999-12-31', true
