{{ config(materialized='view') }}

-- Events are all that are served, duplicates too: these figures are about the data, not about use.
with int_event_products_resolved as (select * from {{ ref('int_event_products_resolved') }}),
int_events_attributed as (select * from {{ ref('int_events_attributed') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
fct_event_daily as (select * from {{ ref('fct_event_daily') }}),
bridge_user_alias as (select * from {{ ref('bridge_user_alias') }}),

mapped as (
    select
        activity_date, project_id, event_type, max(case when product_id = 'UNMAPPED' then 1 else 0 end) = 0 as is_mapped
    from int_event_products_resolved
    group by activity_date, project_id, event_type
),

counted as (
    select
        coalesce(sum(daily.staged_events), 0) as staged,
        coalesce(sum(case when mapped.is_mapped then daily.staged_events end), 0) as mapping_coverage,
        coalesce(sum(case when daily.customer_id <> 'UNMAPPED' then daily.staged_events end), 0) as account_coverage,
        coalesce(sum(daily.staged_events - daily.events), 0) as duplicate_events,
        coalesce(sum(daily.late_events), 0) as late_events,
        coalesce(sum(case when daily.activity_date > clock.last_date then daily.staged_events end), 0) as future_events,
        coalesce(sum(case when not daily.is_dated then daily.staged_events end), 0) as past_events,
        coalesce(sum(case when daily.is_bot then daily.staged_events end), 0) as bot_events,
        coalesce(sum(case when daily.is_internal then daily.staged_events end), 0) as internal_events
    from int_events_attributed as daily
    inner join mapped
        on daily.activity_date = mapped.activity_date and daily.project_id = mapped.project_id
        and daily.event_type = mapped.event_type
    cross join int_amplitude_clocks_read as clock
),

-- Of the people of the last 28 days those who count, and who all those are that ever signed in.
people as (
    select
        'active_users' as metric_id,
        count(distinct case when not facts.is_bot and not facts.is_internal then facts.canonical_user_id end) as part,
        count(distinct facts.canonical_user_id) as whole
    from fct_event_daily as facts
    inner join int_amplitude_clocks_read as clock
        on facts.activity_date <= clock.last_date
        and facts.activity_date > {{ dbt.dateadd('day', -28, 'clock.last_date') }}
    where facts.product_id = 'COMPANY' and facts.is_active
    union all
    select 'merged_users', count(distinct canonical_user_id), count(*)
    from bridge_user_alias
    where known_to is null and alias like 'user:%'
)

select metric_id, part as numerator, whole as denominator from people
{% for metric in ['mapping_coverage', 'account_coverage', 'duplicate_events', 'late_events', 'future_events',
    'past_events', 'bot_events', 'internal_events'] %}
union all
select '{{ metric }}', {{ metric }}, staged from counted
{% endfor %}
