-- A gap of at most so many days was none, on either side of it. What comes after none at all is new.
with int_logo_spans_merged as (select * from {{ ref('int_logo_spans_merged') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_logo_scopes_sampled as (select * from {{ ref('int_logo_scopes_sampled') }}),

ordered as (
    select *, lag(valid_to) over (partition by fiscal_period, logo_id, scope_id order by span_number) as ended_at
    from int_logo_spans_merged
),

around as (
    select
        spans.fiscal_period,
        spans.logo_id,
        spans.scope_id,
        {% for instant in ['starts_at', 'ends_at'] %}
        max(
            case
                when spans.valid_to <= periods.{{ instant }}
                    then {{ dbt.dateadd('day', 'policy.late_renewal_days', 'spans.valid_to') }}
            end
        ) as late_until_{{ instant }},
        min(case when spans.valid_from >= periods.{{ instant }} then spans.valid_from end) as next_{{ instant }},
        {% endfor %}
        max(case
            when spans.ended_at > periods.starts_at and spans.valid_from < periods.ends_at
                and spans.valid_from > {{ dbt.dateadd('day', 'policy.late_renewal_days',
                    'spans.ended_at') }} then 1 else 0
        end) = 0 as is_late_at_most
    from ordered as spans
    inner join int_revenue_periods_ranged as periods on spans.fiscal_period = periods.fiscal_period
    cross join int_policies_read as policy
    group by spans.fiscal_period, spans.logo_id, spans.scope_id
)

select
    scopes.fiscal_period,
    scopes.logo_id,
    scopes.scope_id,
    scopes.is_in_opening,
    scopes.is_in_closing,
    case
        when scopes.is_in_opening then null
        when around.next_starts_at <= around.late_until_starts_at then 'late_renewal'
        when around.late_until_starts_at is null then 'logo_new'
        else 'reactivation'
    end as arrival_type,
    case
        when scopes.is_in_closing then null
        when around.next_ends_at <= around.late_until_ends_at then 'late_renewal'
        else 'logo_churn'
    end as departure_type,
    scopes.is_ever_without,
    around.is_late_at_most
from int_logo_scopes_sampled as scopes
left join around
    on scopes.fiscal_period = around.fiscal_period and scopes.logo_id = around.logo_id
    and scopes.scope_id = around.scope_id
