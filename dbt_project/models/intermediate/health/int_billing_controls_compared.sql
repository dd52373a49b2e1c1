-- What Stripe's own bills and lists say, against what is held of each item of a contract: where a period ends, what the
-- bills over that instant come to by the month; now, how many of which price the contract lists.
with fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_bill_lines_measured as (select * from {{ ref('int_bill_lines_measured') }}),
int_bills_asked as {{ inlined() }} (select * from {{ ref('int_bills_asked') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
stg_stripe__invoice_lines as (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),

-- What bills say at the least and at the most. An amount is rounded to the minor unit, a part of a term before it is
-- taken for the whole. A change that was not paid may have been made or not; not, where the next term costs the same.
billed as (
    select
        instants.fiscal_period, instants.ends_at, instants.is_complete, lines.subscription_id,
        lines.subscription_item_id, lines.currency,
        {% for bound in ['least', 'greatest'] %}
        sum(
            case
                when lines.is_asked and (lines.is_paid or not lines.is_proration) then lines.{{ bound }}_minor
                else 0
            end
        )
        + case
            when max(case when lines.is_steady then 1 else 0 end) = 1 then 0
            else sum(
                case
                    when lines.is_proration and not lines.is_paid then {{ bound }}(lines.{{ bound }}_minor, 0)
                    else 0
                end
            )
        end as {{ bound }}_minor,
        {% endfor %}
        sum(1 + lines.times_as_long) as slack_minor,
        max(case when lines.is_proration or lines.paid_at < instants.ends_at then 0 else 1 end) = 1 as is_unpaid,
        max(case when lines.is_proration or lines.is_asked then 0 else 1 end) = 1 as is_unasked,
        max(case when not lines.is_proration and lines.amount_minor = 0 then 1 else 0 end) = 1 as is_free
    from int_revenue_periods_ranged as instants
    inner join int_bill_lines_measured as lines
        on lines.service_starts_at < instants.ends_at and instants.ends_at <= lines.service_ends_at
    group by 1, 2, 3, 4, 5, 6
),

-- Since when a contract owed at an instant, if it paid nothing that was made later: what it owes or paid after it
-- counts as lost in the end, what was written off may.
owed as (
    select
        instants.fiscal_period, late.subscription_id,
        min(late.owed_at) as owed_at,
        min(case when late.is_owing then late.owed_at end) as owing_at
    from int_revenue_periods_ranged as instants
    inner join (
        select *, status in ('open', 'paid', 'draft') as is_owing
        from int_bills_asked
        where total_minor > 0 and is_asked
    ) as late
        on late.created_at < instants.ends_at and coalesce(late.paid_at, instants.ends_at) >= instants.ends_at
    left join (
        select subscription_id, created_at, paid_at from int_bills_asked where total_minor > 0 and paid_at is not null
    ) as paid
        on late.subscription_id = paid.subscription_id and late.created_at < paid.created_at
        and paid.paid_at < instants.ends_at
    where paid.subscription_id is null
    group by instants.fiscal_period, late.subscription_id
),

-- A credit for days of service may lower them.
credited as (
    select distinct instants.fiscal_period, lines.subscription_id
    from int_revenue_periods_ranged as instants
    inner join stg_stripe__invoice_lines as lines
        on lines.amount_minor < 0 and not lines.is_proration and lines.subscription_item_id is null
        and lines.service_starts_at < instants.ends_at and instants.ends_at <= lines.service_ends_at
),

held as (
    select
        instants.fiscal_period, instants.ends_at, instants.is_complete, items.subscription_id,
        items.subscription_item_id, items.currency, sum(items.mrr_minor) as mrr_minor
    from int_revenue_periods_ranged as instants
    inner join fct_subscription_interval as items
        on items.valid_from < instants.ends_at and instants.ends_at <= items.valid_to
    group by 1, 2, 3, 4, 5, 6
),

-- Items that no known bill is about are compared only where their contract is over.
met as (
    select
        coalesce(billed.fiscal_period, held.fiscal_period) as fiscal_period,
        coalesce(billed.ends_at, held.ends_at) as ends_at,
        coalesce(billed.is_complete, held.is_complete) as is_complete,
        coalesce(billed.subscription_id, held.subscription_id) as subscription_id,
        coalesce(billed.subscription_item_id, held.subscription_item_id) as subscription_item_id,
        coalesce(billed.currency, held.currency) as currency,
        coalesce(held.mrr_minor, 0) as held_minor,
        billed.subscription_item_id is not null as is_billed,
        coalesce(billed.is_unpaid, false) as is_unpaid,
        coalesce(billed.is_unasked, false) as is_unasked,
        coalesce(billed.is_free, false) as is_free,
        coalesce(billed.least_minor, 0) as least_minor,
        coalesce(billed.greatest_minor, 0) as greatest_minor,
        coalesce(billed.slack_minor, 0) as slack_minor
    from billed
    full outer join held
        on billed.fiscal_period = held.fiscal_period and billed.subscription_item_id = held.subscription_item_id
        and billed.currency = held.currency
),

judged as (
    select
        met.*,
        coalesce(
            contracts.ended_at < met.ends_at or contracts.status in ('incomplete', 'incomplete_expired')
            or (policy.churn_date = 'notice' and contracts.canceled_at < met.ends_at),
            false
        ) as is_over,
        -- A failed try comes up to some days after the invoice.
        coalesce(
            met.is_unpaid
            and {{ dbt.dateadd('day', 'policy.past_due_days + 3', 'owed.owing_at') }} < met.ends_at,
            false
        ) as is_lost,
        coalesce(
            met.is_unpaid and {{ dbt.dateadd('day', 'policy.past_due_days', 'owed.owed_at') }} < met.ends_at
            and (met.is_complete or contracts.status <> 'active'),
            false
        )
        or credited.subscription_id is not null as may_be_less,
        coalesce((met.is_unasked and policy.paused_counts) or (met.is_free and policy.trials_count), false)
            as may_be_more
    from met
    cross join int_policies_read as policy
    left join stg_stripe__subscriptions as contracts on met.subscription_id = contracts.subscription_id
    left join owed on met.fiscal_period = owed.fiscal_period and met.subscription_id = owed.subscription_id
    left join credited
        on met.fiscal_period = credited.fiscal_period and met.subscription_id = credited.subscription_id
),

bounded as (
    select
        *,
        case when is_over or is_lost or may_be_less then least(least_minor, 0) else least_minor end as lower_minor,
        case when is_over or is_lost then 0 else greatest_minor end as upper_minor
    from judged
    where (is_billed or is_over) and not may_be_more
),

-- What Stripe lists of a contract now.
listed as (
    select
        held.subscription_id, held.subscription_item_id,
        case when contracts.status in ('canceled', 'incomplete', 'incomplete_expired') then contracts.status end
            as ended_status,
        {% for name, quantity, price in [('listed', 'coalesce(items.quantity, 1)', 'items.price_id'),
            ('held', 'held.quantity', 'held.price_id')] %}
        rtrim(rtrim(cast(cast({{ quantity }} as decimal(38, 12)) as {{ dbt.type_string() }}), '0'), '.') || ' of '
            || {{ price }} as {{ name }}_units{{ ',' if not loop.last }}
        {% endfor %}
    from fct_subscription_interval as held
    left join stg_stripe__subscriptions as contracts on held.subscription_id = contracts.subscription_id
    left join stg_stripe__subscription_items as items on held.subscription_item_id = items.subscription_item_id
    where held.valid_to = timestamp '9999-12-31 00:00:00'
)

select
    'billed_balances' as control_id,
    subscription_id as object_id,
    subscription_item_id || ' at the end of ' || fiscal_period || ', minor units of ' || currency || ' a month'
        as object_part,
    case
        when lower_minor >= upper_minor then cast(upper_minor as {{ dbt.type_string() }})
        else lower_minor || ' to ' || upper_minor
    end as vendor_figure,
    cast(held_minor as {{ dbt.type_string() }}) as our_figure,
    held_minor between lower_minor - slack_minor and upper_minor + slack_minor as is_agreed
from bounded
union all
select
    'listed_items',
    subscription_id,
    subscription_item_id || ' now',
    coalesce(ended_status, listed_units, 'not listed'),
    held_units,
    ended_status is null and coalesce(listed_units = held_units, false)
from listed
