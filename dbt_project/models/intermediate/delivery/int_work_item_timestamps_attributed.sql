-- A timestamp counts to each product of its split by weight and to one team; what nobody mapped counts to UNMAPPED and
-- is never dropped.
with int_work_item_timestamps_located as {{ inlined() }} (select * from {{ ref('int_work_item_timestamps_located') }}),
stg_files__teams as (select * from {{ ref('stg_files__teams') }}),
int_product_mappings_ranged as (select * from {{ ref('int_product_mappings_ranged') }}),

teams as (
    select
        timestamps.issue_id, timestamps.timestamp_type, timestamps.timestamp_number, timestamps.week_start_date,
        min(teams.team_id) as team_id
    from int_work_item_timestamps_located as timestamps
    inner join stg_files__teams as teams
        on timestamps.team_name = teams.team_name
        and {{ valid_on('teams', 'timestamps.mapping_date') }}
    group by timestamps.issue_id, timestamps.timestamp_type, timestamps.timestamp_number, timestamps.week_start_date
)

select
    timestamps.issue_id,
    timestamps.timestamp_type,
    timestamps.timestamp_number,
    timestamps.occurred_at,
    timestamps.week_start_date,
    mappings.product_id,
    mappings.weight,
    coalesce(teams.team_id, 'UNMAPPED') as team_id
from int_work_item_timestamps_located as timestamps
inner join int_product_mappings_ranged as mappings
    on timestamps.epic_id is not distinct from mappings.epic_id
    and timestamps.project_key is not distinct from mappings.project_key
    and {{ valid_on('mappings', 'timestamps.mapping_date') }}
left join teams
    on timestamps.issue_id = teams.issue_id and timestamps.timestamp_type = teams.timestamp_type
    and timestamps.timestamp_number = teams.timestamp_number and timestamps.week_start_date = teams.week_start_date
