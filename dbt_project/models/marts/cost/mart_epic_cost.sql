{%- set models = ['equal_active_day', 'activity_weighted', 'story_points', 'worklogs'] -%}
with int_epic_costs_shared as (select * from {{ ref('int_epic_costs_shared') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

sums as (
    select
        costs.fiscal_period, costs.product_id, costs.epic_id, costs.initiative_id, costs.work_type,
        costs.currency as home_currency, periods.first_date,
        {% for model in models %}
        sum(case when costs.effort_model = '{{ model }}' then costs.amount_minor else 0 end) as {{ model }}_minor
        {{- ',' if not loop.last }}
        {% endfor %}
    from int_epic_costs_shared as costs
    inner join int_fiscal_periods_begun as periods on costs.fiscal_period = periods.fiscal_period
    group by 1, 2, 3, 4, 5, 6, 7
),

ranged as (
    select
        *,
        least({{ models | join('_minor, ') }}_minor) as low_minor,
        greatest({{ models | join('_minor, ') }}_minor) as high_minor,
        sum({{ models[0] }}_minor) over (partition by epic_id order by first_date) as to_date_minor
    from sums
),

names as (
    {{ named_epics('(select epic_id from sums union select initiative_id from sums)') }}
),

-- As late as its oldest part: the ledger says which people are cost, HR who they are, Jira what they did.
clock as (
    select
        least(books.data_as_of, people.data_as_of, work.data_as_of) as data_as_of,
        least(books.loaded_at, people.loaded_at, work.loaded_at) as loaded_at
    from int_quickbooks_clocks_read as books
    cross join int_bamboohr_clocks_read as people
    cross join int_jira_clocks_read as work
),

labelled as (
    {{ labelled('ranged', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.epic_id,
    epics.epic_key,
    epics.epic_name,
    labelled.initiative_id,
    initiatives.epic_key as initiative_key,
    initiatives.epic_name as initiative_name,
    labelled.work_type,
    {{ in_units('labelled.' ~ models[0] ~ '_minor', 'labelled') }} as cost,
    {% for end in ['low', 'high'] %}
    {{ in_units('labelled.' ~ end ~ '_minor', 'labelled') }} as cost_{{ end }},
    case labelled.{{ end }}_minor
        {% for model in models %}
        when labelled.{{ model }}_minor then '{{ model }}'
        {% endfor %}
    end as cost_{{ end }}_model,
    {% endfor %}
    {{ in_units('labelled.to_date_minor', 'labelled') }} as epic_cost_to_date,
    labelled.currency,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
inner join names as epics on labelled.epic_id = epics.epic_id
inner join names as initiatives on labelled.initiative_id = initiatives.epic_id
left join stg_quickbooks__preferences as preferences on true
