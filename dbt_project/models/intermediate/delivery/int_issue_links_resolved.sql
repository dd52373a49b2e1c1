-- Links as they are now, once each, and what they mean: a company says so by the id of a type or by its name, because
-- the words are free text. Of the types that every site begins with, Blocks is a dependency and the others are none.
with stg_jira__issue_links as (select * from {{ ref('stg_jira__issue_links') }}),
stg_files__link_types as (select * from {{ ref('stg_files__link_types') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),
stg_jira__issue_arrivals as {{ inlined() }} (select * from {{ ref('stg_jira__issue_arrivals') }}),
int_issue_projects_ranged as (select * from {{ ref('int_issue_projects_ranged') }}),
int_project_keys_collected as (select * from {{ ref('int_project_keys_collected') }}),
int_issue_changes as {{ inlined() }} (select * from {{ ref('int_issue_changes') }}),

-- What only one end shows is gone where the other one was loaded later, or landed once and is no more.
ends as (
    select links.*
    from stg_jira__issue_links as links
    left join stg_jira__issues as others on links.other_issue_id = others.issue_id
    left join stg_jira__issue_links as other_ends
        on links.link_id = other_ends.link_id and links.other_issue_id = other_ends.issue_id
    where links.other_issue_id is not null
        and (other_ends.link_id is not null or coalesce(others.load_id <= links.load_id, true))
        and (
            others.issue_id is not null
            or links.other_issue_id not in (
                -- The tombstone of a history has neither number nor issue.
                select issue_id from stg_jira__issue_arrivals where history_number is null and issue_id is not null
            )
        )
),

links as (
    select
        link_id,
        max(link_type_id) as link_type_id,
        max(link_type_name) as link_type_name,
        max(case when is_outward then issue_id else other_issue_id end) as from_issue_id,
        max(case when is_outward then other_issue_id else issue_id end) as to_issue_id,
        max(case when not is_outward then other_issue_key end) as from_key_shown,
        max(case when is_outward then other_issue_key end) as to_key_shown
    from ends
    group by link_id
),

keys as (
    select issue_id, issue_key from stg_jira__issues
    union
    select issue_id, issue_key from int_issue_projects_ranged where issue_key is not null
    union
    select ranges.issue_id, keys.project_key || '-' || {{ number_of('ranges.issue_key') }}
    from int_issue_projects_ranged as ranges
    inner join int_project_keys_collected as keys on ranges.project_id = keys.project_id
    where ranges.issue_key is not null
    union
    select other_issue_id, other_issue_key from ends
),

-- The history of either end says when: by the key that the other end had then, and by the words where there are several
-- links between the two.
dated as (
    select ends.link_id, max(changes.changed_at) as linked_at
    from (
        select *, count(*) over (partition by issue_id, other_issue_id) as links_of_both from ends
    ) as ends
    inner join int_issue_changes as changes on ends.issue_id = changes.issue_id and changes.field = 'link'
    inner join keys on ends.other_issue_id = keys.issue_id and changes.to_id = keys.issue_key
    where ends.links_of_both = 1 or position(ends.words in changes.to_name) > 0
    group by ends.link_id
)

select
    links.link_id,
    links.link_type_id,
    links.link_type_name,
    coalesce(
        by_id.direction,
        by_name.direction,
        case links.link_type_name
            when 'Blocks' then 'outward' when 'Cloners' then 'none' when 'Duplicate' then 'none'
            when 'Relates' then 'none' else 'unknown'
        end
    ) as direction,
    links.from_issue_id,
    links.to_issue_id,
    links.from_key_shown,
    links.to_key_shown,
    dated.linked_at
from links
left join stg_files__link_types as by_id on links.link_type_id = by_id.link_type
left join stg_files__link_types as by_name on links.link_type_name = by_name.link_type
left join dated on links.link_id = dated.link_id
