select
    max(served_loaded_at) as data_as_of,
    max(loaded_at) as loaded_at
from {{ ref('stg_files__stream_counts') }}
