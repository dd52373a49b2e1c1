select max(data_as_of) as data_as_of, max(loaded_at) as loaded_at
from {{ ref('stg_bamboohr__stream_counts') }}
