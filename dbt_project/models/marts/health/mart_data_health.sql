{% set streams = ['fields', 'projects', 'statuses', 'issues', 'changelogs', 'worklogs', 'boards', 'sprints', 'users'] %}
with items as (
    select
        issue_id,
        max(case when product_id <> 'UNMAPPED' then 1 else 0 end) as has_product,
        max(case when team_id <> 'UNMAPPED' then 1 else 0 end) as has_team
    from {{ ref('int_work_item_moments_attributed') }}
    where moment = 'now'
    group by issue_id
),

figures as (
    select 'mapping_coverage' as metric_id, coalesce(sum(has_product), 0) as numerator, count(*) as denominator from items
    union all
    select 'team_coverage', coalesce(sum(has_team), 0), count(*) from items
    {% for stream in streams %}
    union all
    select 'quarantine_{{ stream }}', count(quarantine_reason), count(*)
    from {{ ref('base_jira__' ~ stream) }} where not is_deleted
    {% if stream == 'changelogs' %}
        -- The vendor tells of no deleted history: it goes with its issue.
        and parent_id in (select record_id from {{ ref('base_jira__issues') }} where not is_deleted)
    {% endif %}
    {% endfor %}
)

select
    'jira' as source,
    figures.metric_id,
    cast(figures.numerator as bigint) as numerator,
    cast(figures.denominator as bigint) as denominator,
    cast(figures.numerator as double) / nullif(figures.denominator, 0) as ratio,
    clock.data_as_of
from figures
cross join {{ ref('int_clocks_read') }} as clock
