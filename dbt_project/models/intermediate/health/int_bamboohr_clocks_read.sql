select
    max(case when stream = 'employees' then served_loaded_at end) as data_as_of,
    max(loaded_at) as loaded_at
from {{ ref('stg_bamboohr__stream_counts') }}
