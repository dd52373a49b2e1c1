select
    clock.data_as_of,
    loads.loaded_at
from (select max(cast(rate_date as timestamp)) as data_as_of from {{ ref('stg_fx__rates') }}) as clock
cross join (select max(loaded_at) as loaded_at from {{ ref('stg_fx__stream_counts') }}) as loads
