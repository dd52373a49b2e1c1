-- Who paid twelve periods before a period, and what is left of it. A logo is the family of the period's last day, so no
-- merger in between loses anybody; both amounts are at the plan rate of the period's year, so no rate of exchange does.
{% set a_year = 12 %}
with int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
int_customer_families_ranged as (select * from {{ ref('int_customer_families_ranged') }}),
fct_mrr_balance as {{ inlined() }} (select * from {{ ref('fct_mrr_balance') }}),
int_revenue_rates_resolved as (select * from {{ ref('int_revenue_rates_resolved') }}),
fct_mrr_movement as (select * from {{ ref('fct_mrr_movement') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),

cohorts as (
    select
        fiscal_period, as_of_date, first_date,
        lag(fiscal_period, {{ a_year }}) over (order by first_date) as cohort_period,
        lag(first_date, {{ a_year }}) over (order by first_date) as cohort_date
    from int_revenue_periods_ranged
),

heads as (
    select
        cohorts.fiscal_period, families.customer_id, families.ancestor_id,
        row_number() over (
            partition by cohorts.fiscal_period, families.customer_id order by families.distance desc
        ) as nearness
    from cohorts
    inner join int_customer_families_ranged as families on {{ valid_on('families', 'cohorts.as_of_date') }}
),

amounts as (
    select
        cohorts.fiscal_period, balances.customer_id, balances.product_id, balances.segment, balances.market,
        case
            when rates.plan_denominator is null
                then {{ stop("'no planned rate of ' || balances.currency || ' for ' || cohorts.fiscal_period || "
                    ~ rate_remedy('plan')) }}
            else {{ half_even(whole('balances.mrr_minor') ~ ' * ' ~ whole('rates.plan_numerator'),
                'rates.plan_denominator') }}
        end as start_minor,
        0 as end_minor, false as company_lost, false as product_lost
    from cohorts
    inner join fct_mrr_balance as balances on cohorts.cohort_period = balances.fiscal_period
    left join int_revenue_rates_resolved as rates
        on cohorts.fiscal_period = rates.fiscal_period and balances.currency = rates.currency
    union all
    select fiscal_period, customer_id, product_id, segment, market, null, mrr_plan_minor, false, false
    from fct_mrr_balance
    union all
    select
        cohorts.fiscal_period, movements.customer_id, movements.product_id, movements.segment, movements.market, null,
        0,
        movements.company_type = 'logo_churn', movements.product_type = 'logo_churn'
    from cohorts
    inner join int_revenue_periods_ranged as periods
        on cohorts.cohort_date < periods.first_date and periods.first_date <= cohorts.first_date
    inner join fct_mrr_movement as movements on periods.fiscal_period = movements.fiscal_period
    cross join int_policies_read as policy
    where not movements.is_intra_period and not policy.reactivation_retains
        and (movements.company_type = 'logo_churn' or movements.product_type = 'logo_churn')
),

logos as (
    select amounts.*, coalesce(heads.ancestor_id, amounts.customer_id) as logo_id
    from amounts
    left join heads
        on amounts.fiscal_period = heads.fiscal_period and amounts.customer_id = heads.customer_id
        and heads.nearness = 1
),

retained as (
    select
        fiscal_period, product_id, logo_id,
        cast(sum(start_minor) as bigint) as start_minor,
        cast(case when max(is_lost) then 0 else sum(end_minor) end as bigint) as net_minor
    from (
        select fiscal_period, product_id, logo_id, start_minor, end_minor, product_lost as is_lost from logos
        union all
        select fiscal_period, 'COMPANY', logo_id, start_minor, end_minor, company_lost from logos
    ) as views
    group by fiscal_period, product_id, logo_id
    having count(start_minor) > 0
),

{% for place in ['segment', 'market'] %}
{{ place }}s as (
    select
        fiscal_period, logo_id, {{ place }},
        row_number() over (partition by fiscal_period, logo_id order by sum(start_minor) desc, {{ place }}) as size_rank
    from logos
    where start_minor is not null
    group by fiscal_period, logo_id, {{ place }}
){{ ',' if not loop.last }}
{% endfor %}

select
    retained.fiscal_period,
    retained.product_id,
    retained.logo_id,
    segments.segment,
    markets.market,
    retained.start_minor,
    retained.net_minor,
    least(retained.start_minor, retained.net_minor) as gross_minor
from retained
inner join segments
    on retained.fiscal_period = segments.fiscal_period and retained.logo_id = segments.logo_id
    and segments.size_rank = 1
inner join markets
    on retained.fiscal_period = markets.fiscal_period and retained.logo_id = markets.logo_id and markets.size_rank = 1
