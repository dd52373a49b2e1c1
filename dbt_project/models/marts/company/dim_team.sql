select
    team_id,
    team_name,
    team_type,
    function_name,
    parent_id,
    valid_from,
    valid_to,
    row_number() over (partition by team_id order by valid_from desc) = 1 as is_current
from {{ ref('stg_files__teams') }}
union all
select 'UNMAPPED', 'Unmapped', null, null, null, date '0001-01-01', date '9999-12-31', true
