{#- Functions of HR that are beside each other in a product team. -#}
{%- set functions = {'engineering': 'engineering_fte', 'product': 'product_management_fte', 'design': 'design_fte'} -%}
{%- set named = functions.values() | list -%}
{%- set window_periods = 12 -%}
with int_product_heads_counted as (select * from {{ ref('int_product_heads_counted') }}),
int_heads_counted as {{ inlined() }} (select * from {{ ref('int_heads_counted') }}),
mart_product_pnl as {{ inlined() }} (select * from {{ ref('mart_product_pnl') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
dim_currency as (select * from {{ ref('dim_currency') }}),

-- Of the company everybody counts once. Where two decimals meet, DuckDB takes the smaller scale.
heads as (
    select fiscal_period, product_id, function_name, headcount, fte, opening_fte, fte_days
    from int_product_heads_counted
    union all
    select
        fiscal_period, 'COMPANY', lower(function_name), sum(headcount)
        {% for measure in ['fte', 'opening_fte', 'fte_days'] %}
        , cast(sum({{ measure }}) as decimal(38, 12))
        {% endfor %}
    from int_heads_counted
    group by fiscal_period, lower(function_name)
),

staffed as (
    select
        fiscal_period, product_id,
        sum(headcount) as headcount,
        sum(fte) as fte,
        {% for function, name in functions.items() %}
        sum(case when function_name = '{{ function }}' then fte else 0 end) as {{ name }},
        {% endfor %}
        sum(case when function_name in ('{{ functions | join("', '") }}') then headcount else 0 end) as team_headcount,
        sum(opening_fte) as opening_fte,
        sum(fte_days) as fte_days
    from heads
    group by fiscal_period, product_id
),

-- Cost is null where the profit and loss withholds a part of it.
earned as (
    select
        pnl.fiscal_period, pnl.product_id,
        {{ whole('pnl.recognised_revenue * ' ~ power_of_ten('own.minor_unit_exponent')) }} as revenue_minor,
        {{ whole('(pnl.cost_of_revenue + pnl.operating_expense) * ' ~ power_of_ten('own.minor_unit_exponent')) }}
            as cost_minor
    from mart_product_pnl as pnl
    inner join dim_currency as own on pnl.currency = own.currency
),

money as (
    select fiscal_period, product_id, revenue_minor, cost_minor from earned
    union all
    select
        fiscal_period, 'COMPANY', sum(revenue_minor), case when count(cost_minor) = count(*) then sum(cost_minor) end
    from earned
    group by fiscal_period
),

-- Each period by its number, and whether its books, all of its cost and its people are known.
periods as (
    select
        begun.*,
        row_number() over (order by begun.first_date) as period_rank,
        {{ dbt.datediff('begun.first_date', 'begun.as_of_date', 'day') }} + 1 as days,
        books.fiscal_period is not null as has_books,
        books.cost_minor is not null as has_cost,
        coalesce(people.fte_days, 0) > 0 as has_people
    from int_fiscal_periods_begun as begun
    left join money as books on begun.fiscal_period = books.fiscal_period and books.product_id = 'COMPANY'
    left join staffed as people on begun.fiscal_period = people.fiscal_period and people.product_id = 'COMPANY'
),

-- Twelve months are a period and the eleven before it; the year before are the twelve before these.
windows as (
    select
        own.fiscal_period, older.fiscal_period as older_period, older.days, older.has_books, older.has_cost,
        older.has_people,
        own.period_rank - older.period_rank < {{ window_periods }} as is_recent,
        own.period_rank - older.period_rank = {{ window_periods - 1 }} as is_first
    from periods as own
    inner join periods as older
        on older.period_rank <= own.period_rank
        and older.period_rank > own.period_rank - {{ 2 * window_periods }}
),

-- Every product that there was in either year has a row, so that products add up to the company.
found as (
    select windows.fiscal_period, entries.product_id
    from windows
    inner join (
        select fiscal_period, product_id from staffed
        union
        select fiscal_period, product_id from money
    ) as entries on windows.older_period = entries.fiscal_period
    group by windows.fiscal_period, entries.product_id
),

sums as (
    select
        found.fiscal_period, found.product_id,
        {% for name, is_in in [('', 'windows.is_recent'), ('_before', 'not windows.is_recent')] %}
        sum(case when {{ is_in }} and windows.has_books then 1 else 0 end) as books{{ name }},
        sum(case when {{ is_in }} and windows.has_cost then 1 else 0 end) as costs{{ name }},
        sum(case when {{ is_in }} then coalesce(money.revenue_minor, 0) else 0 end) as revenue{{ name }}_minor,
        sum(case when {{ is_in }} then coalesce(money.cost_minor, 0) else 0 end) as cost{{ name }}_minor,
        {% endfor %}
        sum(case when windows.is_recent and windows.has_people then 1 else 0 end) as peopled,
        sum(case when windows.is_recent then windows.days else 0 end) as days,
        sum(case when windows.is_recent then coalesce(staffed.fte_days, 0) else 0 end) as fte_days_12m,
        sum(case when windows.is_first then coalesce(staffed.opening_fte, 0) else 0 end) as opening_fte_12m
    from found
    inner join windows on found.fiscal_period = windows.fiscal_period
    left join money on windows.older_period = money.fiscal_period and found.product_id = money.product_id
    left join staffed on windows.older_period = staffed.fiscal_period and found.product_id = staffed.product_id
    group by found.fiscal_period, found.product_id
),

cells as (
    select
        sums.fiscal_period, sums.product_id,
        {% for measure in ['headcount', 'team_headcount', 'fte', 'fte_days'] + named %}
        coalesce(staffed.{{ measure }}, 0) as {{ measure }},
        {% endfor %}
        case when sums.peopled = {{ window_periods }} and periods.is_complete then
            case policy.fte_average
                when 'ends' then cast(sums.opening_fte_12m + coalesce(staffed.fte, 0) as double) / 2
                else cast(sums.fte_days_12m as double) / sums.days
            end
        end as average_fte_12m,
        {% for name in ['', '_before'] %}
        case when sums.books{{ name }} = {{ window_periods }} and periods.is_complete
            then sums.revenue{{ name }}_minor end as revenue_12m{{ name }}_minor,
        case when sums.costs{{ name }} = {{ window_periods }} and periods.is_complete
            then sums.cost{{ name }}_minor end as cost_12m{{ name }}_minor,
        {% endfor %}
        case
            when not periods.is_complete then 'not_complete'
            when least(sums.books, sums.peopled) < {{ window_periods }} then 'short_history'
        end as lacking,
        case
            when not periods.is_complete then 'not_complete'
            when sums.books + sums.books_before < {{ 2 * window_periods }} then 'short_history'
        end as lacking_before,
        case when sums.costs + sums.costs_before < {{ 2 * window_periods }} then 'withheld' end as lacking_cost,
        policy.ratio_min_n,
        coalesce(books.currency, policy.reporting_currency) as home_currency
    from sums
    inner join periods on sums.fiscal_period = periods.fiscal_period
    cross join int_policies_read as policy
    cross join (select max(currency) as currency from mart_product_pnl) as books
    left join staffed on sums.fiscal_period = staffed.fiscal_period and sums.product_id = staffed.product_id
),

clock as (
    select
        least(people.data_as_of, coalesce(books.data_as_of, people.data_as_of)) as data_as_of,
        least(people.loaded_at, coalesce(books.loaded_at, people.loaded_at)) as loaded_at
    from int_bamboohr_clocks_read as people
    cross join (select max(data_as_of) as data_as_of, max(loaded_at) as loaded_at from mart_product_pnl) as books
),

labelled as (
    {{ labelled('cells', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    labelled.product_id = 'COMPANY' as is_rollup,
    {{ period_and_product('labelled') }},
    cast(labelled.headcount as bigint) as headcount,
    {% for measure in ['fte', 'fte_days'] + named %}
    cast(labelled.{{ measure }} as double) as {{ measure }},
    {% endfor %}
    cast(labelled.team_headcount as bigint) as product_team_headcount,
    {% for name in ['engineering', 'design'] %}
    {{ guarded(name ~ '_per_product_manager_ratio', 'labelled.' ~ name ~ '_fte', 'labelled.product_management_fte',
        'labelled.team_headcount', 'no_product_manager', least='labelled.ratio_min_n') }},
    {% endfor %}
    labelled.average_fte_12m,
    {% for amount in ['revenue_12m', 'cost_12m', 'revenue_12m_before', 'cost_12m_before'] %}
    {{ in_units('labelled.' ~ amount ~ '_minor', 'labelled') }} as {{ amount }},
    {% endfor %}
    {{ guarded('revenue_per_fte', in_units('labelled.revenue_12m_minor', 'labelled'), 'labelled.average_fte_12m',
        'labelled.headcount', 'no_people', unless='labelled.lacking', least='labelled.ratio_min_n') }},
    {{ guarded('revenue_growth_ratio', 'labelled.revenue_12m_minor - labelled.revenue_12m_before_minor',
        'greatest(labelled.revenue_12m_before_minor, 0)', none, 'no_revenue', unless='labelled.lacking_before') }},
    {{ guarded('cost_growth_ratio', 'labelled.cost_12m_minor - labelled.cost_12m_before_minor',
        'greatest(labelled.cost_12m_before_minor, 0)', none, 'no_cost',
        unless='coalesce(labelled.lacking_before, labelled.lacking_cost)') }},
    labelled.currency,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
