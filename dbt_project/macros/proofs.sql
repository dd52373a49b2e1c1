{#
    Facts against QuickBooks' own trial balance.
    Belongs here: the comparison. Does not: which fact is of which accounts (tests).
#}

{#
    Where a fact of postings (posting_date, account_id, amount_minor) is not what the trial balance says: every account
    of its statement groups, or of the books' own types where account_map.csv does not know it, at the end of every
    period that has a balance, to the minor unit; of a fact of scenarios, the one that is named. What an account had
    outside of the calendar, or while account_map.csv called it something else, is not the fact's. A year is compared up
    to its first period that is held back.
#}
{% macro beside_trial_balance(fact, groups, types, sign, scenario=none) -%}
{%- set groups, types = "('" ~ groups | join("', '") ~ "')", "('" ~ types | join("', '") ~ "')" -%}
with accounts as (
    select accounts.account_id
    from {{ ref('stg_quickbooks__accounts') }} as accounts
    left join {{ ref('stg_files__account_maps') }} as maps on accounts.account_id = maps.account_id
    where maps.statement_group in {{ groups }} or (maps.account_id is null and accounts.account_type in {{ types }})
    group by accounts.account_id
),

dates as (
    select distinct balances.balance_date, balances.year_start_date
    from {{ ref('fct_trial_balance') }} as balances
    where not exists (
        select 1 from {{ ref('int_ledger_differences_found') }} as differences
        left join {{ ref('stg_files__fiscal_periods') }} as periods
            on differences.fiscal_period = periods.fiscal_period
        where coalesce(periods.last_date, differences.difference_date) >= balances.year_start_date
            and coalesce(periods.first_date, differences.difference_date) <= balances.balance_date
    )
),

reported as (
    select
        balances.balance_date, balances.year_start_date, balances.account_id,
        {{ sign }} * (balances.debit_minor - balances.credit_minor) as reported_minor
    from {{ ref('fct_trial_balance') }} as balances
    inner join accounts on balances.account_id = accounts.account_id
    inner join dates
        on balances.balance_date = dates.balance_date and balances.year_start_date = dates.year_start_date
),

daily as (
    select account_id, posting_date, amount_minor from {{ ref(fact) }}
    {% if scenario %}where scenario_id = '{{ scenario }}'{% endif %}
    union all
    select lines.account_id, lines.posting_date, {{ sign }} * lines.amount_home_minor
    from {{ ref('fct_gl_line') }} as lines
    left join {{ ref('stg_files__account_maps') }} as maps
        on lines.account_id = maps.account_id and {{ valid_on('maps', 'lines.posting_date') }}
    where lines.fiscal_period is null or maps.statement_group not in {{ groups }}
),

counted as (
    select dates.balance_date, daily.account_id, sum(daily.amount_minor) as counted_minor
    from dates
    inner join daily on daily.posting_date between dates.year_start_date and dates.balance_date
    inner join accounts on daily.account_id = accounts.account_id
    group by dates.balance_date, daily.account_id
)

select
    coalesce(counted.balance_date, reported.balance_date) as balance_date,
    coalesce(counted.account_id, reported.account_id) as account_id,
    counted.counted_minor,
    reported.reported_minor
from counted
full outer join reported
    on counted.balance_date = reported.balance_date and counted.account_id = reported.account_id
where coalesce(counted.counted_minor, 0) <> coalesce(reported.reported_minor, 0)
{%- endmacro %}
