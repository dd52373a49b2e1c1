select
    clock.data_as_of,
    loads.loaded_at
from (select max(updated_at) as data_as_of from {{ ref('stg_quickbooks__documents') }}) as clock
cross join (select max(loaded_at) as loaded_at from {{ ref('stg_quickbooks__stream_counts') }}) as loads
