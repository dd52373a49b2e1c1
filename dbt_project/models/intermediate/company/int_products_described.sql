-- The portfolio of a version is what stands today above the parent that it has in its range.
with recursive versions as (
    {{ versions_of(ref('stg_files__products'), 'product_id') }}
),

-- The version that stands for each product, as if it always held: what stands above its parent today.
today as (
    select product_id, parent_id, level, date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
    from versions
    where is_shown
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
    versions.level as product_level,
    versions.parent_id,
    case when versions.level = 'portfolio' then versions.product_id else portfolios.portfolio_id end as portfolio_id,
    versions.owner,
    versions.lifecycle,
    versions.valid_from,
    versions.valid_to,
    versions.is_current,
    versions.is_shown
from versions
left join portfolios on versions.parent_id = portfolios.product_id
{% for member, name, level in [('UNMAPPED', 'Unmapped', 'product'), ('UNALLOCATED', 'Unallocated', 'product'),
    ('COMPANY', 'Company', 'company')] %}
union all
select '{{ member }}', '{{ name }}', '{{ level }}', null, null, null, null, {{ always_valid() }}
{% endfor %}
