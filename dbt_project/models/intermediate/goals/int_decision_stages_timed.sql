{%- set stages = [
    ('raised', 'data_ready'), ('data_ready', 'proposed'), ('proposed', 'decided'), ('raised', 'decided'),
] -%}
{%- set instants = ['raised', 'data_ready', 'proposed', 'decided', 'withdrawn'] -%}
-- What took how long, and what has taken at least so long by the time the files were read. A stage out of order, or
-- without its ends, is no stage; the others of its row stay.
with stg_files__decisions as (select * from {{ ref('stg_files__decisions') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

-- What somebody wrote of days to come has not happened yet.
happened as (
    select
        rows_of_file.decision_id, coalesce(rows_of_file.product_id, 'UNMAPPED') as product_id,
        {% for instant in instants %}
        case when rows_of_file.{{ instant }}_at <= clock.data_as_of then rows_of_file.{{ instant }}_at end
            as {{ instant }}_at,
        {% endfor %}
        clock.data_as_of as now_at
    from stg_files__decisions as rows_of_file
    cross join int_files_clocks_read as clock
    where rows_of_file.raised_at <= clock.data_as_of
),

numbered as (
    select
        *,
        min(raised_at) over (partition by decision_id) as first_raised_at,
        count(*) over (partition by decision_id) as times_raised,
        row_number() over (partition by decision_id order by raised_at desc) as number_from_last
    from happened
),

-- Asked as a whole, a question is open from when it was raised first until its last round is over.
rounds as (
    select
        numbered.decision_id, numbered.product_id, numbered.times_raised, numbered.number_from_last,
        case when policy.decision_rounds = 'whole' then numbered.first_raised_at else numbered.raised_at end
            as raised_at,
        {% for instant in instants[1:] %}
        numbered.{{ instant }}_at,
        {% endfor %}
        numbered.now_at, policy.reporting_time_zone, policy.decision_clock
    from numbered
    cross join int_policies_read as policy
    where policy.decision_rounds = 'each' or numbered.number_from_last = 1
),

stages as (
    {% for begin, end in stages %}
    select
        decision_id, number_from_last, product_id, times_raised, raised_at, decided_at, withdrawn_at,
        '{{ begin }}_to_{{ end }}' as stage,
        {{ begin }}_at as begun_at,
        {{ end }}_at as ended_at,
        least(now_at, withdrawn_at) as known_until,
        reporting_time_zone,
        decision_clock,
        case
            when {{ begin }}_at is null then '{{ begin }}_unknown'
            when {{ end }}_at < {{ begin }}_at then '{{ end }}_before_{{ begin }}'
            when {{ end }}_at is not null then null
            when decided_at < {{ begin }}_at then 'decided_before_{{ begin }}'
            when withdrawn_at < {{ begin }}_at then 'withdrawn_before_{{ begin }}'
            when decided_at is not null{{ ' or proposed_at is not null' if end == 'data_ready' }}
                then '{{ end }}_unknown'
        end as stage_reason
    from rounds
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

clocked as (
    select
        *,
        {% for name, at in [('begun', 'begun_at'), ('over', 'coalesce(ended_at, known_until)')] %}
        {{ to_local(at, 'reporting_time_zone') }} as {{ name }}_local_at,
        {% endfor %}
        {{ milliseconds_between('begun_at', 'coalesce(ended_at, known_until)') }} as wall_ms
    from stages
),

-- Working hours since Monday 1 January 1900: five days of eight hours, from nine to five, of every week.
worked as (
    select
        *,
        {% for name in ['begun', 'over'] %}
        {%- set at = name ~ '_local_at' %}
        {%- set days = dbt.datediff("date '1900-01-01'", at, 'day') %}
        ({{ whole_quotient(days, 7) }} * 5 + least({{ days }} % 7, 5)) * 28800000
        + case
            when {{ days }} % 7 < 5 then least(greatest(
                {{ milliseconds_between(dbt.date_trunc('day', at), at) }} - 32400000, 0), 28800000)
            else 0
        end as {{ name }}_ms,
        {% endfor %}
        cast(begun_local_at as date) as begun_date
    from clocked
)

select
    worked.decision_id,
    worked.number_from_last,
    worked.stage,
    worked.product_id,
    coalesce(quarters.fiscal_quarter, 'UNMAPPED') as fiscal_quarter,
    worked.times_raised,
    worked.decided_at is not null as is_decided,
    worked.decided_at is null and worked.withdrawn_at is not null as is_withdrawn,
    worked.ended_at is not null and worked.stage_reason is null as is_over,
    case
        when worked.stage_reason is not null then null
        when worked.decision_clock = 'business' then worked.over_ms - worked.begun_ms
        else worked.wall_ms
    end as stage_ms,
    worked.stage_reason
from worked
left join stg_files__fiscal_periods as quarters
    on cast({{ to_local('worked.raised_at', 'worked.reporting_time_zone') }} as date)
    between quarters.first_date and quarters.last_date
