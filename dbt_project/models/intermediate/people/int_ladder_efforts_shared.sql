{#- Of fewer people a team's days are somebody's. -#}
{%- set fewest_people = 5 -%}
{%- set person = ['fiscal_period', 'function_name', 'worker_id', 'team_id', 'is_head'] -%}
-- Working days of people of engineering, product and design, by what they were for: no human and no pay, so it leaves
-- the restricted database. Days of leave go to what somebody worked on in the same period, so that no leave is shown;
-- who did no day's work in it is UNATTRIBUTED.
with fct_effort as (select * from {{ ref('fct_effort') }}),
int_worker_days_placed as (select * from {{ ref('int_worker_days_placed') }}),
int_team_products_ranged as (select * from {{ ref('int_team_products_ranged') }}),
int_goals__work_served as (select * from {{ ref('int_goals__work_served') }}),
int_issue_links_resolved as (select * from {{ ref('int_issue_links_resolved') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

days as (
    select
        worker_id, work_date, fiscal_period, team_id, lower(function_name) as function_name, is_head,
        {{ whole('fte * 1000000') }} as full_millionths,
        {{ half_even(whole('fte * 1000000') ~ ' * (1000000 - ' ~ whole('leave_share * 1000000') ~ ')', '1000000') }}
            as capacity_millionths
    from int_worker_days_placed
    where is_working_day and fte > 0 and lower(function_name) in ('engineering', 'product', 'design')
),

teams as (
    select
        fiscal_period, team_id,
        case when count(distinct worker_id) < {{ fewest_people }} then 'SMALL_TEAMS' else team_id end as shown_team_id
    from days
    group by fiscal_period, team_id
),

efforts as (
    select
        worker_id, valid_from, valid_to, share_millionths,
        case when work_item_id = 'UNATTRIBUTED' then work_item_id else coalesce(epic_id, 'UNMAPPED') end as epic_id,
        case when work_item_id = 'UNATTRIBUTED' then work_item_id else coalesce(initiative_id, 'UNMAPPED') end
            as initiative_id
    from fct_effort
    where effort_model = 'equal_active_day'
),

placed as (
    {{ rungs('efforts') }}
),

worked as (
    select
        days.fiscal_period, days.function_name, days.worker_id, days.team_id, days.is_head, days.work_date,
        placed.rung_epic_id as epic_id, placed.parent_id,
        sum(placed.share_millionths * days.capacity_millionths) as weight
    from days
    inner join placed on days.worker_id = placed.worker_id and {{ valid_on('placed', 'days.work_date') }}
    where days.capacity_millionths > 0
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

places as (
    select distinct epic_id, parent_id, work_date from worked
),

-- Which initiatives claim an epic by a link, from the day of the link on.
claims as (
    select
        epics.issue_id as epic_id, initiatives.issue_id as initiative_id,
        coalesce(
            cast({{ to_local('links.linked_at', 'policy.reporting_time_zone') }} as date), date '0001-01-01'
        ) as valid_from
    from int_issue_links_resolved as links
    cross join int_policies_read as policy
    inner join stg_jira__issues as initiatives
        on initiatives.issue_id in (links.from_issue_id, links.to_issue_id) and initiatives.hierarchy_level >= 2
    inner join stg_jira__issues as epics
        on epics.issue_id in (links.from_issue_id, links.to_issue_id) and epics.hierarchy_level = 1
    where links.direction = 'ladder' and policy.ladder_links = 'equal_split'
),

initiatives as (
    select
        *,
        count(*) over (partition by epic_id, parent_id, work_date) as number_of,
        row_number() over (partition by epic_id, parent_id, work_date order by initiative_id) as place
    from (
        select epic_id, parent_id, work_date, parent_id as initiative_id from places where parent_id <> 'UNMAPPED'
        union
        select places.epic_id, places.parent_id, places.work_date, claims.initiative_id
        from places
        inner join claims on places.epic_id = claims.epic_id and claims.valid_from <= places.work_date
    ) as known
),

climbed as (
    select
        places.*, coalesce(initiatives.initiative_id, 'UNMAPPED') as initiative_id,
        coalesce(
            {{ whole_quotient('1000000', 'initiatives.number_of') }}
            + case when initiatives.place <= 1000000 % initiatives.number_of then 1 else 0 end,
            1000000
        ) as share_millionths
    from places
    left join initiatives
        on places.epic_id = initiatives.epic_id and places.parent_id = initiatives.parent_id
        and places.work_date = initiatives.work_date
),

-- An epic that is named by itself serves what it is named for, whatever initiative it is under.
served as (
    select
        climbed.*, coalesce(own.key_result_id, above.key_result_id) as key_result_id,
        coalesce(own.share_millionths, above.share_millionths) as served_millionths
    from climbed
    left join int_goals__work_served as own
        on climbed.epic_id = own.work_item_id and {{ valid_on('own', 'climbed.work_date') }}
    left join int_goals__work_served as above
        on own.work_item_id is null and climbed.initiative_id = above.work_item_id
        and {{ valid_on('above', 'climbed.work_date') }}
),

parts as (
    select
        epic_id, parent_id, work_date, initiative_id, key_result_id,
        {{ whole('share_millionths') }} * served_millionths as part
    from served
    where key_result_id is not null
    union all
    select
        epic_id, parent_id, work_date, initiative_id,
        case when epic_id = 'UNATTRIBUTED' then epic_id else 'UNMAPPED' end,
        {{ whole('max(share_millionths)') }} * (1000000 - coalesce(sum(served_millionths), 0))
    from served
    group by epic_id, parent_id, work_date, initiative_id
    having coalesce(sum(served_millionths), 0) < 1000000
),

weighed as (
    select
        worked.fiscal_period, worked.function_name, worked.worker_id, worked.team_id, worked.is_head,
        parts.epic_id, parts.parent_id, parts.initiative_id, parts.key_result_id,
        sum(worked.weight * parts.part) as weight
    from worked
    inner join parts
        on worked.epic_id = parts.epic_id and worked.parent_id = parts.parent_id
        and worked.work_date = parts.work_date
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

people as (
    select
        {{ person | join(', ') }}, cast(sum(full_millionths) as bigint) as whole_millionths
    from days
    group by 1, 2, 3, 4, 5
),

products as (
    select
        days.fiscal_period, days.function_name, days.worker_id, days.team_id, days.is_head,
        coalesce(products.product_id, 'UNALLOCATED') as product_id,
        sum(days.full_millionths * coalesce(products.share_millionths, 1000000)) as weight
    from days
    left join int_team_products_ranged as products
        on days.team_id = products.team_id and {{ valid_on('products', 'days.work_date') }}
    group by 1, 2, 3, 4, 5, 6
),

owed as (
    select {{ person | join(', ') }}, product_id, shared_minor as day_millionths
    from ({{ shared_out('(
        select products.*, people.whole_millionths
        from products
        inner join people
            on products.fiscal_period = people.fiscal_period and products.function_name = people.function_name
            and products.worker_id = people.worker_id and products.team_id = people.team_id
            and products.is_head = people.is_head
    ) as given', person, ['product_id'], 'whole_millionths', 'weight') }}) as divided
    where shared_minor > 0
),

pool as (
    select
        owed.*,
        {% for rung in ['epic_id', 'parent_id', 'initiative_id', 'key_result_id'] %}
        coalesce(weighed.{{ rung }}, 'UNATTRIBUTED') as {{ rung }},
        {% endfor %}
        coalesce(weighed.weight, 1) as weight
    from owed
    left join weighed
        on owed.fiscal_period = weighed.fiscal_period and owed.function_name = weighed.function_name
        and owed.worker_id = weighed.worker_id and owed.team_id = weighed.team_id and owed.is_head = weighed.is_head
),

shared as (
    {{ shared_out('pool', person + ['product_id'], ['epic_id', 'parent_id', 'initiative_id', 'key_result_id'],
        'day_millionths', 'weight') }}
)

-- What serves the whole company is no product's here.
select
    shared.fiscal_period,
    case when shared.product_id = 'OVERHEAD' then 'UNALLOCATED' else shared.product_id end as product_id,
    teams.shown_team_id as team_id,
    shared.epic_id,
    shared.parent_id,
    shared.initiative_id,
    shared.key_result_id,
    cast(sum(shared.shared_minor) as bigint) as day_millionths,
    cast(sum(case when shared.is_head then shared.shared_minor else 0 end) as bigint) as head_day_millionths
from shared
inner join teams on shared.fiscal_period = teams.fiscal_period and shared.team_id = teams.team_id
group by 1, 2, 3, 4, 5, 6, 7
having sum(shared.shared_minor) <> 0
