select
    team_id,
    team_name,
    team_type,
    function_name,
    parent_id,
    valid_from,
    valid_to,
    is_current,
    is_shown
from ({{ versions_of(ref('stg_files__teams'), 'team_id') }}) as versions
union all
select 'UNMAPPED', 'Unmapped', null, null, null, {{ always_valid() }}
union all
select 'SMALL_TEAMS', 'Teams of few people', null, null, null, {{ always_valid() }}
