-- When what is held at a period's end is up for renewal. Terms of less than three months renew so often that nobody
-- speaks of it; contracts with a notice do not renew. The term in which an item is then is that of its record where
-- this is of the day, else the last one that a bill states.
with active_items as (select * from {{ active_items() }}),
fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_subscription_statements_read as (select * from {{ ref('int_subscription_statements_read') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as (select * from {{ ref('stg_stripe__subscriptions') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

terms as (
    select
        subscription_item_id, service_starts_at as starts_at, service_ends_at as ends_at, 0 as is_record,
        {{ statement_rank('statements') }} as statement_rank, created_at, statement_id
    from int_subscription_statements_read as statements
    union all
    select
        subscription_item_id, current_period_starts_at, current_period_ends_at, 1, 0, current_period_starts_at,
        subscription_item_id
    from stg_stripe__subscription_items
),

held as (
    select
        items.fiscal_period, items.sample_at, items.subscription_item_id, items.customer_id, items.product_id,
        items.currency, items.mrr_minor,
        coalesce(contracts.canceled_at < items.sample_at, false) as has_notice,
        case intervals.interval_unit
            when 'year' then true
            when 'month' then intervals.interval_count >= 3
            when 'week' then intervals.interval_count >= 13
            else intervals.interval_count >= 90
        end as is_long
    from active_items as items
    inner join fct_subscription_interval as intervals
        on items.subscription_item_id = intervals.subscription_item_id and intervals.valid_from < items.sample_at
        and items.sample_at <= intervals.valid_to
    inner join stg_stripe__subscriptions as contracts on items.subscription_id = contracts.subscription_id
    where items.sample_kind = 'closing'
),

choices as (
    select
        held.fiscal_period, held.subscription_item_id, held.product_id,
        cast({{ to_local('terms.ends_at', 'clock.reporting_time_zone') }} as date) as renewal_date,
        row_number() over (
            partition by held.fiscal_period, held.subscription_item_id, held.product_id
            order by terms.is_record desc, terms.starts_at desc, terms.statement_rank desc, terms.created_at desc,
                terms.statement_id desc
        ) as choice
    from held
    inner join terms
        on held.subscription_item_id = terms.subscription_item_id and terms.starts_at < held.sample_at
        and held.sample_at <= terms.ends_at
    cross join int_stripe_clocks_read as clock
    where held.is_long and not held.has_notice
)

select
    held.fiscal_period,
    held.customer_id,
    held.subscription_item_id,
    held.product_id,
    held.currency,
    held.mrr_minor,
    held.has_notice,
    choices.renewal_date
from held
left join choices
    on held.fiscal_period = choices.fiscal_period and held.subscription_item_id = choices.subscription_item_id
    and held.product_id = choices.product_id and choices.choice = 1
