-- Each link that says that one issue blocks another, once. Where the two stand is as of today, who they are of too.
with int_issue_links_resolved as (select * from {{ ref('int_issue_links_resolved') }}),
int_issue_places_ranged as (select * from {{ ref('int_issue_places_ranged') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_issue_teams_ranged as (select * from {{ ref('int_issue_teams_ranged') }}),
int_product_mappings_ranged as (select * from {{ ref('int_product_mappings_ranged') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_files__teams as (select * from {{ ref('stg_files__teams') }}),
dim_team as {{ inlined() }} (select * from {{ ref('dim_team') }}),
dim_product as {{ inlined() }} (select * from {{ ref('dim_product') }}),

links as (
    select
        links.*,
        case direction when 'outward' then from_issue_id else to_issue_id end as blocker_id,
        case direction when 'outward' then from_key_shown else to_key_shown end as blocker_key_shown,
        case direction when 'outward' then to_issue_id else from_issue_id end as blocked_id,
        case direction when 'outward' then to_key_shown else from_key_shown end as blocked_key_shown
    from int_issue_links_resolved as links
    where direction in ('outward', 'inward')
),

ends as (
    select blocker_id as issue_id from links
    union
    select blocked_id from links
),

-- A sub-task is where its story is. Of several products the one with the largest weight.
products as (
    select
        ends.issue_id, places.work_item_id, mappings.product_id,
        row_number() over (partition by ends.issue_id order by mappings.weight desc, mappings.product_id) as place
    from ends
    cross join int_jira_clocks_read as clock
    inner join int_issue_places_ranged as places
        on ends.issue_id = places.issue_id and {{ valid_on('places', 'clock.local_date') }}
    inner join int_product_mappings_ranged as mappings
        on places.epic_id is not distinct from mappings.epic_id and places.project_key = mappings.project_key
        and {{ valid_on('mappings', 'clock.local_date') }}
),

teams as (
    select products.issue_id, min(teams.team_id) as team_id
    from products
    cross join int_jira_clocks_read as clock
    inner join int_issue_teams_ranged as fields on products.work_item_id = fields.issue_id and fields.is_current
    inner join stg_files__teams as teams
        on fields.team_name = teams.team_name and {{ valid_on('teams', 'clock.local_date') }}
    group by products.issue_id
),

statuses as (
    select
        ranges.issue_id,
        max(case when ranges.is_current then ranges.status_category end) as status_category,
        min(
            case when ranges.status_category = 'indeterminate' and not ranges.is_undated then ranges.valid_from end
        ) as started_at
    from int_issue_statuses_ranged as ranges
    inner join ends on ranges.issue_id = ends.issue_id
    group by ranges.issue_id
),

described as (
    select
        ends.issue_id, issues.issue_key, issues.summary, issues.status_name, statuses.status_category,
        statuses.started_at,
        coalesce(products.product_id, 'UNMAPPED') as product_id, names.product_name,
        coalesce(teams.team_id, 'UNMAPPED') as team_id, dim_team.team_name
    from ends
    left join stg_jira__issues as issues on ends.issue_id = issues.issue_id
    left join statuses on ends.issue_id = statuses.issue_id
    left join products on ends.issue_id = products.issue_id and products.place = 1
    left join teams on ends.issue_id = teams.issue_id
    left join dim_product as names on coalesce(products.product_id, 'UNMAPPED') = names.product_id
    left join dim_team on coalesce(teams.team_id, 'UNMAPPED') = dim_team.team_id
),

judged as (
    select
        links.link_id, links.link_type_name, links.linked_at,
        {% for end in ['blocker', 'blocked'] %}
        links.{{ end }}_id,
        coalesce({{ end }}.issue_key, links.{{ end }}_key_shown) as {{ end }}_key,
        coalesce({{ end }}.summary, 'Not visible') as {{ end }}_name,
        {{ end }}.product_id as {{ end }}_product_id,
        {{ end }}.product_name as {{ end }}_product_name,
        {{ end }}.team_id as {{ end }}_team_id,
        {{ end }}.team_name as {{ end }}_team_name,
        {{ end }}.status_name as {{ end }}_status,
        coalesce({{ end }}.status_category, 'undefined') as {{ end }}_status_category,
        {% endfor %}
        blocked.started_at as blocked_started_at,
        coalesce(blocker.status_category, 'undefined') <> 'done'
            and coalesce(blocked.status_category, 'undefined') <> 'done' as is_open
    from links
    inner join described as blocker on links.blocker_id = blocker.issue_id
    inner join described as blocked on links.blocked_id = blocked.issue_id
)

select
    false as is_rollup,
    judged.link_id,
    judged.link_type_name,
    cast({{ to_local('judged.linked_at', 'clock.reporting_time_zone') }} as date) as linked_date,
    judged.linked_at,
    {% for end in ['blocker', 'blocked'] %}
    {% for column in ['id', 'key', 'name', 'product_id', 'product_name', 'team_id', 'team_name', 'status',
        'status_category'] %}
    judged.{{ end }}_{{ column }},
    {% endfor %}
    {% endfor %}
    judged.blocked_started_at,
    judged.blocker_product_id <> judged.blocked_product_id as is_across_products,
    judged.blocker_team_id <> judged.blocked_team_id as is_across_teams,
    judged.is_open,
    not judged.is_open as is_complete,
    case
        when judged.linked_at is null then 'not_known'
        when judged.blocked_started_at < judged.linked_at then 'after_work_began'
        else 'before_work_began'
    end as found,
    case
        when judged.is_open
            then {{ dbt.datediff(
                'cast(' ~ to_local('judged.linked_at', 'clock.reporting_time_zone') ~ ' as date)', 'clock.local_date',
                'day'
            ) }}
    end as open_days,
    clock.data_as_of,
    clock.loaded_at
from judged
cross join int_jira_clocks_read as clock
