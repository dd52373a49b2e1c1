-- The warehouse has no clock of its own: what is valid today is valid on this day, which a load a day lands.
select
    read_date,
    load_id
from {{ ref('base_files__read_days') }}
where not is_deleted and quarantine_reason is null
