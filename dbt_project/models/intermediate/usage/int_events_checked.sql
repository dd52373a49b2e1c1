{{ config(materialized='view') }}

-- Over all events that are served, duplicates too: these figures are about the data, not about use.
with int_event_products_resolved as (select * from {{ ref('int_event_products_resolved') }}),
int_events_daily as (select * from {{ ref('int_events_daily') }}),
bridge_user_alias as (select * from {{ ref('bridge_user_alias') }}),
dim_user as (select * from {{ ref('dim_user') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),

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
        coalesce(sum(case when users.is_bot then daily.staged_events end), 0) as bot_events,
        coalesce(sum(case when users.is_internal then daily.staged_events end), 0) as internal_events
    from int_events_daily as daily
    inner join mapped
        on daily.activity_date = mapped.activity_date and daily.project_id = mapped.project_id
        and daily.event_type = mapped.event_type
    inner join bridge_user_alias as aliases on daily.alias = aliases.alias and aliases.known_to is null
    inner join dim_user as users on aliases.canonical_user_id = users.canonical_user_id
    cross join int_amplitude_clocks_read as clock
)

{% for metric in ['mapping_coverage', 'account_coverage', 'duplicate_events', 'late_events', 'future_events',
    'bot_events', 'internal_events'] %}
select '{{ metric }}' as metric_id, {{ metric }} as numerator, staged as denominator from counted
{{ 'union all' if not loop.last }}
{% endfor %}
