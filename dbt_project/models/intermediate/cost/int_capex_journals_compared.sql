-- What the books capitalise of people's work beside what the chosen regime would: in one document a fixed or another
-- long-term asset is debited, and pay or a contractor's cost credited. The books post it at what people are paid and when
-- finance says so; ours is at standard and from Jira's days: the difference of a period is a named reconciling item.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
int_capex_assets_rolled as (select * from {{ ref('int_capex_assets_rolled') }}),
int_cost_postings_selected as (select * from {{ ref('int_cost_postings_selected') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),

assets as (
    select lines.document_type, lines.document_id, lines.fiscal_period
    from fct_gl_line as lines
    inner join stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
    where accounts.account_type in ('Fixed Asset', 'Other Asset')
    group by lines.document_type, lines.document_id, lines.fiscal_period
    having sum(lines.amount_home_minor) > 0
),

booked as (
    select
        postings.fiscal_period, postings.account_id, assets.document_type, assets.document_id,
        -sum(postings.amount_minor) as booked_minor
    from int_cost_postings_selected as postings
    inner join fct_gl_line as lines on postings.gl_line_id = lines.gl_line_id
    inner join assets
        on lines.document_type = assets.document_type and lines.document_id = assets.document_id
        and lines.fiscal_period = assets.fiscal_period
    where (postings.is_pay or postings.cost_type = 'contractor') and postings.amount_minor < 0
    group by postings.fiscal_period, postings.account_id, assets.document_type, assets.document_id
),

sums as (
    select fiscal_period, sum(booked_minor) as booked_minor, sum(capitalised_minor) as capitalised_minor
    from (
        select fiscal_period, booked_minor, 0 as capitalised_minor from booked
        union all
        select assets.fiscal_period, 0, assets.capitalised_minor
        from int_capex_assets_rolled as assets
        inner join int_policies_read as policy on assets.regime = policy.capex_regime
        where assets.capitalised_minor <> 0
    ) as both_sides
    group by fiscal_period
)

select
    sums.fiscal_period,
    booked.account_id,
    booked.document_type,
    booked.document_id,
    cast(coalesce(booked.booked_minor, 0) as bigint) as booked_minor,
    cast(sums.booked_minor as bigint) as period_booked_minor,
    cast(sums.capitalised_minor as bigint) as period_capitalised_minor,
    cast(sums.booked_minor - sums.capitalised_minor as bigint) as period_difference_minor
from sums
left join booked on sums.fiscal_period = booked.fiscal_period
