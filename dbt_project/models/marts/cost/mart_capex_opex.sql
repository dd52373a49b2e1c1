{%- set reasons = {
    'without_criteria': 'criteria_not_met', 'before_criteria': 'before_criteria', 'after_use': 'after_use',
    'no_development': 'no_development',
} -%}
{%- set flows = ['capitalised', 'opening', 'amortisation', 'impairment', 'closing'] -%}
with int_epic_costs_shared as (select * from {{ ref('int_epic_costs_shared') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_capex_assets_rolled as (select * from {{ ref('int_capex_assets_rolled') }}),
int_capex_windows_resolved as (select * from {{ ref('int_capex_windows_resolved') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

-- With capitalisation off there is no criterion that anything could meet.
entries as (
    {% for regime in ['off', 'asc350_40_stage', 'asu_2025_06', 'ias38'] %}
    select
        '{{ regime }}' as regime, fiscal_period, product_id, epic_id, currency, amount_minor as cost_minor,
        {% for reason, decision in reasons.items() %}
        case
            when {{ "'criteria_not_met'" if regime == 'off' else regime }} = '{{ decision }}' then amount_minor else 0
        end as expensed_{{ reason }}_minor,
        {% endfor %}
        {% for flow in flows %}
        0 as {{ flow }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from int_epic_costs_shared
    where effort_model = 'equal_active_day'
    union all
    {% endfor %}
    select
        regime, fiscal_period, product_id, epic_id, currency, 0, {{ '0, ' * reasons | length }}
        {{ flows | join('_minor, ') }}_minor
    from int_capex_assets_rolled
),

sums as (
    select
        regime, fiscal_period, product_id, epic_id, currency as home_currency,
        sum(cost_minor) as cost_minor,
        {% for reason in reasons %}
        sum(expensed_{{ reason }}_minor) as expensed_{{ reason }}_minor,
        {% endfor %}
        {% for flow in flows %}
        sum({{ flow }}_minor) as {{ flow }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from entries
    group by regime, fiscal_period, product_id, epic_id, currency
),

names as (
    {{ named_epics('(select distinct epic_id from sums)') }}
),

-- As late as its oldest part, as the cost of epics is.
clock as (
    select
        least(books.data_as_of, people.data_as_of, work.data_as_of) as data_as_of,
        least(books.loaded_at, people.loaded_at, work.loaded_at) as loaded_at
    from int_quickbooks_clocks_read as books
    cross join int_bamboohr_clocks_read as people
    cross join int_jira_clocks_read as work
),

labelled as (
    {{ labelled('sums', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    labelled.regime <> policy.capex_regime as is_rollup,
    {{ period_and_product('labelled') }},
    labelled.regime,
    labelled.regime = policy.capex_regime as is_chosen,
    labelled.epic_id,
    names.epic_key,
    names.epic_name,
    {% for measure, minor in [
        ('cost', 'cost_minor'),
        ('expensed', 'cost_minor - labelled.capitalised_minor'),
    ] %}
    {{ in_units('labelled.' ~ minor, 'labelled') }} as {{ measure }},
    {% endfor %}
    {% for reason in reasons %}
    {{ in_units('labelled.expensed_' ~ reason ~ '_minor', 'labelled') }} as expensed_{{ reason }},
    {% endfor %}
    {% for flow in flows %}
    {{ in_units('labelled.' ~ flow ~ '_minor', 'labelled') }} as {{ flow }},
    {% endfor %}
    windows.begins_date as capitalised_from_date,
    windows.ready_for_use_date,
    windows.abandoned_date,
    windows.evidence,
    windows.missing_criteria,
    labelled.currency,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
inner join names on labelled.epic_id = names.epic_id
cross join int_policies_read as policy
left join int_capex_windows_resolved as windows
    on labelled.epic_id = windows.epic_id and labelled.regime = windows.regime
left join stg_quickbooks__preferences as preferences on true
