{%- set cost_types = "('Cost of Goods Sold', 'Expense', 'Other Expense')" -%}
-- What QuickBooks' own trial balance says that an account earned or cost in a period: its balance less the one before,
-- from the day on which the books' year began. No rule of ours is in it but which group account_map.csv puts the
-- account in on the period's last day. Where that, or the year, changes within a period, the ledger says how much of it
-- facts have elsewhere.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
fct_trial_balance as (select * from {{ ref('fct_trial_balance') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),

ends as (
    select
        balance_date, year_start_date,
        lag(balance_date) over (partition by year_start_date order by balance_date) as prior_balance_date
    from (select distinct balance_date, year_start_date from fct_trial_balance) as dates
),

-- From `from_date` on the two balances say what moved.
spans as (
    select
        periods.fiscal_period, periods.first_date, periods.last_date, ends.year_start_date, ends.prior_balance_date,
        coalesce(
            cast({{ dbt.dateadd('day', 1, 'ends.prior_balance_date') }} as date), ends.year_start_date
        ) as from_date
    from int_fiscal_periods_begun as periods
    inner join ends on periods.last_date = ends.balance_date
),

grouped as (
    {% for kind, day in [('account', 'spans.last_date'), ('line', 'lines.posting_date')] %}
    select
        '{{ kind }}' as kind, spans.fiscal_period, accounts.account_id,
        {{ 'lines.gl_line_id' if kind == 'line' else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as gl_line_id,
        case
            when maps.account_id is not null then maps.statement_group
            when accounts.account_type = 'Income' then 'revenue'
            when accounts.account_type in {{ cost_types }} then 'UNMAPPED'
        end as statement_group,
        maps.account_id is not null as is_mapped,
        coalesce(maps.cost_type = 'depreciation', false) as is_depreciation
    from spans
    {% if kind == 'line' %}
    inner join fct_gl_line as lines on spans.fiscal_period = lines.fiscal_period
    inner join stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
    {% else %}
    cross join stg_quickbooks__accounts as accounts
    {% endif %}
    left join stg_files__account_maps as maps
        on accounts.account_id = maps.account_id and {{ valid_on('maps', day) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

parts as (
    select
        spans.fiscal_period, accounts.account_id, accounts.statement_group, accounts.is_mapped,
        accounts.is_depreciation,
        case when balances.balance_date = spans.last_date then 1 else -1 end
            * (balances.debit_minor - balances.credit_minor) as reported_minor,
        0 as out_of_period_minor, 0 as regrouped_minor
    from spans
    inner join fct_trial_balance as balances
        on spans.year_start_date = balances.year_start_date
        and balances.balance_date in (spans.last_date, spans.prior_balance_date)
    inner join grouped as accounts
        on accounts.kind = 'account' and spans.fiscal_period = accounts.fiscal_period
        and balances.account_id = accounts.account_id
    union all
    -- Between the balances and before the period, or in the period and before the balances.
    select
        spans.fiscal_period, accounts.account_id, accounts.statement_group, accounts.is_mapped,
        accounts.is_depreciation, 0,
        case when lines.posting_date < spans.first_date then 1 else -1 end * lines.amount_home_minor, 0
    from spans
    inner join fct_gl_line as lines
        on lines.posting_date >= least(spans.from_date, spans.first_date)
        and lines.posting_date < greatest(spans.from_date, spans.first_date)
    inner join grouped as accounts
        on accounts.kind = 'account' and spans.fiscal_period = accounts.fiscal_period
        and lines.account_id = accounts.account_id
    {% for direction, of in [('', 'accounts'), ('-', 'own')] %}
    union all
    select
        own.fiscal_period, own.account_id, {{ of }}.statement_group, {{ of }}.is_mapped, {{ of }}.is_depreciation, 0, 0,
        {{ direction }}lines.amount_home_minor
    from grouped as own
    inner join fct_gl_line as lines on own.gl_line_id = lines.gl_line_id
    inner join grouped as accounts
        on accounts.kind = 'account' and own.fiscal_period = accounts.fiscal_period
        and own.account_id = accounts.account_id
    where own.kind = 'line'
        and (
            own.statement_group is distinct from accounts.statement_group or own.is_mapped <> accounts.is_mapped
            or own.is_depreciation <> accounts.is_depreciation
        )
    {% endfor %}
)

-- Revenue is positive, as is cost.
select
    fiscal_period,
    account_id,
    statement_group,
    is_mapped,
    is_depreciation,
    {% for measure in ['reported_minor', 'out_of_period_minor', 'regrouped_minor'] %}
    cast(case when statement_group = 'revenue' then -1 else 1 end * sum({{ measure }}) as bigint) as {{ measure }}
    {{- ',' if not loop.last }}
    {% endfor %}
from parts
where statement_group in ('revenue', 'cost_of_revenue', 'operating_expense', 'UNMAPPED')
group by fiscal_period, account_id, statement_group, is_mapped, is_depreciation
having sum(reported_minor) <> 0 or sum(out_of_period_minor) <> 0 or sum(regrouped_minor) <> 0
