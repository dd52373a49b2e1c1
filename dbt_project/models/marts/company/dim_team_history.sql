select
    team_id,
    team_name,
    team_type,
    function_name,
    parent_id,
    {{ open_ends('teams') }}
from {{ ref('int_teams_described') }} as teams
