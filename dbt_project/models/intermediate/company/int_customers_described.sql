-- A customer whom customer_map.csv names and nobody describes is a member all the same: its revenue finds it.
with named as (
    select customer_id from {{ ref('stg_files__customer_maps') }}
    union
    select parent_id from {{ ref('stg_files__customers') }} where parent_id is not null
)

select
    customer_id,
    customer_name,
    parent_id,
    coalesce(segment, 'UNMAPPED') as segment,
    coalesce(market, 'UNMAPPED') as market,
    country,
    industry,
    valid_from,
    valid_to,
    is_current,
    is_shown
from ({{ versions_of(ref('stg_files__customers'), 'customer_id') }}) as versions
union all
select customer_id, null, null, 'UNMAPPED', 'UNMAPPED', null, null, {{ always_valid() }}
from named
where not exists (
    select 1 from {{ ref('stg_files__customers') }} as described where described.customer_id = named.customer_id
)
union all
select 'UNMAPPED', 'Unmapped', null, 'UNMAPPED', 'UNMAPPED', null, null, {{ always_valid() }}
