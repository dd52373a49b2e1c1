-- A logo is asked twice: whether it has anything at all, and whether it has anything of a product.
with active_items as (select * from {{ active_items() }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_logo_days_changed as (select * from {{ ref('int_logo_days_changed') }}),

samples as (
    select distinct held.fiscal_period, held.logo_id, held.product_id, held.sample_kind, held.sample_at
    from active_items as held
    inner join int_revenue_periods_ranged as periods on held.fiscal_period = periods.fiscal_period
    where periods.prior_fiscal_period is not null
),

scopes as (
    select fiscal_period, logo_id, product_id as scope_id, sample_kind, sample_at from samples
    union all
    select distinct fiscal_period, logo_id, 'COMPANY', sample_kind, sample_at from samples
),

days as (
    select fiscal_period, logo_id, count(*) as days
    from int_logo_days_changed
    group by fiscal_period, logo_id
)

select
    scopes.fiscal_period,
    scopes.logo_id,
    scopes.scope_id,
    max(case when scopes.sample_kind = 'opening' then 1 else 0 end) = 1 as is_in_opening,
    max(case when scopes.sample_kind = 'closing' then 1 else 0 end) = 1 as is_in_closing,
    -- The ends of the period and those of the days in it.
    count(*) < 2 + max(coalesce(days.days, 0)) as is_ever_without
from scopes
left join days on scopes.fiscal_period = days.fiscal_period and scopes.logo_id = days.logo_id
group by scopes.fiscal_period, scopes.logo_id, scopes.scope_id
