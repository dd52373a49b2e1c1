with recursive versions as (
    select
        *,
        row_number() over (partition by product_id order by valid_from desc) = 1 as is_current
    from {{ ref('stg_files__products') }}
),

-- The last range of each product, as if it always held: what stands above its parent today.
today as (
    select product_id, parent_id, level, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
    from versions
    where is_current
),

{{ ancestors_over_time('today', 'product_id') }},

members as (
    select product_id, product_id as ancestor_id, 0 as distance from today
    union all
    select product_id, ancestor_id, distance from chain
),

portfolios as (
    select members.product_id, min_by(members.ancestor_id, members.distance) as portfolio_id
    from members
    inner join today on members.ancestor_id = today.product_id and today.level = 'portfolio'
    group by members.product_id
)

select
    versions.product_id,
    versions.product_name,
    versions.level,
    versions.parent_id,
    case when versions.level = 'portfolio' then versions.product_id else portfolios.portfolio_id end as portfolio_id,
    versions.owner,
    versions.lifecycle,
    versions.valid_from,
    versions.valid_to,
    versions.is_current
from versions
left join portfolios on versions.parent_id = portfolios.product_id
union all
select 'UNMAPPED', 'Unmapped', 'product', null, null, null, null, date '0001-01-01', date '9999-12-31', true
union all
select 'COMPANY', 'Company', 'company', null, null, null, null, date '0001-01-01', date '9999-12-31', true
