{% set bounds = {
    'least': 'is_of_months and months > 0',
    'greatest': "is_of_months and months > 0 and term_ms <> 2419200000",
} %}
-- What Stripe's own bills and lists say, against what is held of each item of a contract: where a period ends, what the
-- bills over that instant come to by the month; now, how many of which price the contract lists. Bills are read anew,
-- by amounts and days alone: no rule of the contracts is used twice.
with fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as {{ inlined() }} (select * from {{ ref('int_stripe_clocks_read') }}),
stg_stripe__charges as (select * from {{ ref('stg_stripe__charges') }}),
stg_stripe__coupons as (select * from {{ ref('stg_stripe__coupons') }}),
stg_stripe__invoice_discounts as (select * from {{ ref('stg_stripe__invoice_discounts') }}),
stg_stripe__invoice_items as (select * from {{ ref('stg_stripe__invoice_items') }}),
stg_stripe__invoice_line_discounts as {{ inlined() }} (select * from {{ ref('stg_stripe__invoice_line_discounts') }}),
stg_stripe__invoice_lines as {{ inlined() }} (select * from {{ ref('stg_stripe__invoice_lines') }}),
stg_stripe__invoice_payments as (select * from {{ ref('stg_stripe__invoice_payments') }}),
stg_stripe__invoices as {{ inlined() }} (select * from {{ ref('stg_stripe__invoices') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),

-- A discount recurs if its coupon says so, or if it was on more invoices than one; of what no coupon is known of any
-- more and one invoice alone had, nobody knows.
discounts as (
    select
        of_lines.invoice_line_id,
        sum(case when is_lasting = 1 then of_lines.amount_minor else 0 end) as lasting_minor,
        sum(case when is_lasting is null then of_lines.amount_minor else 0 end) as unknown_minor
    from stg_stripe__invoice_line_discounts as of_lines
    left join (
        select
            billed.discount_id,
            case
                when count(distinct billed.invoice_id) > 1 or max(coupons.duration) <> 'once' then 1
                when max(coupons.duration) = 'once' then 0
            end as is_lasting
        from stg_stripe__invoice_line_discounts as billed
        left join stg_stripe__invoice_discounts as given
            on billed.invoice_id = given.invoice_id and billed.discount_id = given.discount_id
        left join stg_stripe__coupons as coupons on given.coupon_id = coupons.coupon_id
        group by billed.discount_id
    ) as known on of_lines.discount_id = known.discount_id
    group by of_lines.invoice_line_id
),

declined as (
    select distinct payments.invoice_id
    from stg_stripe__invoice_payments as payments
    inner join stg_stripe__charges as charges
        on payments.payment_intent_id = charges.payment_intent_id and charges.status = 'failed'
),

-- A bill that somebody was asked to pay. One that was void or written off within a day without a try was not; nor was
-- a draft, unless it is within the three days of grace, or the contract is one that Stripe calls unpaid.
bills as (
    select
        invoices.*, contracts.status as contract_status,
        coalesce(invoices.due_at, invoices.finalized_at, invoices.created_at) as owed_at,
        case invoices.status
            when 'paid' then true
            when 'open' then true
            when 'draft' then contracts.status = 'unpaid' or (
                contracts.pause_behavior is null
                and {{ dbt.dateadd('day', 3, 'invoices.created_at') }} > clock.loaded_at
            )
            else declined.invoice_id is not null
                or coalesce(invoices.voided_at, invoices.uncollectible_at)
                    > {{ dbt.dateadd('day', 1, 'coalesce(invoices.finalized_at, invoices.created_at)') }}
        end as is_asked
    from stg_stripe__invoices as invoices
    inner join stg_stripe__subscriptions as contracts on invoices.subscription_id = contracts.subscription_id
    cross join int_stripe_clocks_read as clock
    left join declined on invoices.invoice_id = declined.invoice_id
),

-- A bill that nobody was asked to pay may have been written anew by hand, to the same customer: over the same amount,
-- or for the same product and days.
written_anew as (
    select
        voided.invoice_line_id, by_hand.amount_minor, by_hand.discount_minor, by_hand.included_tax_minor,
        row_number() over (
            partition by voided.invoice_line_id
            order by abs(by_hand.amount_minor - voided.amount_minor), by_hand.invoice_line_id
        ) as choice
    from bills
    inner join stg_stripe__invoice_lines as voided on bills.invoice_id = voided.invoice_id
    inner join stg_stripe__invoices as invoices
        on bills.customer_id = invoices.customer_id and invoices.status in ('paid', 'open')
        and bills.created_at <= invoices.created_at and invoices.created_at < voided.service_ends_at
    inner join stg_stripe__invoice_lines as by_hand
        on invoices.invoice_id = by_hand.invoice_id and by_hand.subscription_id is null and by_hand.amount_minor > 0
        and voided.currency = by_hand.currency
        and (
            voided.amount_minor = by_hand.amount_minor
            or (
                voided.product_id = by_hand.product_id
                and cast(voided.service_starts_at as date) = cast(by_hand.service_starts_at as date)
                and cast(voided.service_ends_at as date) = cast(by_hand.service_ends_at as date)
            )
        )
    where not bills.is_asked
),

-- Terms billed in advance, and what gives back or charges a part of one; use is billed when it is over. Each line
-- without its tax, less the discounts that recur, and less those too of which nobody knows.
lines as (
    select
        lines.subscription_id, lines.subscription_item_id, lines.currency, lines.is_proration, bills.paid_at,
        bills.status = 'paid' as is_paid,
        bills.is_asked or anew.invoice_line_id is not null as is_asked,
        lines.service_starts_at, lines.service_ends_at, coalesce(anew.amount_minor, lines.amount_minor) as amount_minor,
        {% for name, discount, anew in [('net', 'lasting_minor + discounts.unknown_minor', ' - anew.discount_minor'),
            ('lasting', 'lasting_minor', '')] %}
        coalesce(anew.amount_minor - anew.included_tax_minor{{ anew }}, {{ half_even(
            '(lines.amount_minor - coalesce(discounts.' ~ discount ~ ', 0)) * case when lines.amount_minor = '
            ~ 'lines.discount_minor then 1 else abs(lines.amount_minor - lines.discount_minor - '
            ~ 'lines.included_tax_minor) end',
            'greatest(abs(lines.amount_minor - lines.discount_minor), 1)'
        ) }}) as {{ name }}_minor{{ ',' if not loop.last }}
        {% endfor %}
    from stg_stripe__invoice_lines as lines
    inner join bills on lines.invoice_id = bills.invoice_id
    left join discounts on lines.invoice_line_id = discounts.invoice_line_id
    left join written_anew as anew on lines.invoice_line_id = anew.invoice_line_id and anew.choice = 1
    where lines.subscription_item_id is not null and lines.service_starts_at < lines.service_ends_at
        and (lines.is_proration or lines.service_ends_at > bills.created_at)
    union all
    select
        subscription_id, subscription_item_id, currency, true, created_at, true, true, service_starts_at,
        service_ends_at, amount_minor, amount_minor, amount_minor
    from stg_stripe__invoice_items
    where invoice_id is null and is_proration and subscription_item_id is not null
        and service_starts_at < service_ends_at
),

-- The same amount in the term that follows: nothing changed for good in between.
terms as (
    select
        subscription_id, subscription_item_id, service_starts_at, service_ends_at,
        sum(amount_minor) = lead(sum(amount_minor)) over (
            partition by subscription_item_id order by service_starts_at
        ) as is_steady
    from lines
    where not is_proration
    group by subscription_id, subscription_item_id, service_starts_at, service_ends_at
),

-- A part of a term is as long as the term that ends with it: the item's own, or the contract's where all are one.
contract_terms as (
    select subscription_id, service_ends_at, min(service_starts_at) as service_starts_at
    from terms
    group by subscription_id, service_ends_at
    having min(service_starts_at) = max(service_starts_at)
),

termed as (
    select
        lines.*, own.is_steady,
        coalesce(own.service_starts_at, of_contract.service_starts_at) as term_starts_at
    from lines
    left join terms as own
        on lines.subscription_item_id = own.subscription_item_id and lines.service_ends_at = own.service_ends_at
        and own.service_starts_at <= lines.service_starts_at
    left join contract_terms as of_contract
        on lines.subscription_id = of_contract.subscription_id and lines.service_ends_at = of_contract.service_ends_at
        and of_contract.service_starts_at <= lines.service_starts_at
),

measured as (
    select
        *,
        {{ whole(milliseconds_between('term_starts_at', 'service_ends_at')) }} as term_ms,
        {{ whole(milliseconds_between('service_starts_at', 'service_ends_at')) }} as line_ms,
        cast({{ dbt.datediff('term_starts_at', 'service_ends_at', 'month') }} as bigint) as months,
        -- From one day of a month to the same of another one, which may have no such day.
        extract(day from service_ends_at) = extract(day from term_starts_at)
        or (
            extract(day from service_ends_at) < extract(day from term_starts_at)
            and cast(service_ends_at as date) = {{ dbt.last_day('service_ends_at', 'month') }}
        )
        or (
            extract(day from service_ends_at) > extract(day from term_starts_at)
            and cast(term_starts_at as date) = {{ dbt.last_day('term_starts_at', 'month') }}
        ) as is_of_months
    from termed
),

-- By the month, as MRR: a term of whole months is divided by them, another one is a share of the year. Four weeks may
-- be either in February.
monthly as (
    select
        *,
        {% for bound, is_of_months in bounds.items() %}
        case when {{ is_of_months }} then term_ms else {{ whole('31536000000') }} end as {{ bound }}_numerator,
        line_ms * case when {{ is_of_months }} then months else 12 end as {{ bound }}_denominator,
        {% endfor %}
        case when is_proration then {{ whole_quotient('term_ms', 'line_ms') }} else 0 end as times_as_long
    from measured
    where term_starts_at is not null
),

-- What bills say at the least and at the most. An amount is rounded to the minor unit, a part of a term before it is
-- taken for the whole. A change that was not paid may have been made or not; not, where the next term costs the same.
billed as (
    select
        instants.fiscal_period, instants.ends_at, instants.is_complete, monthly.subscription_id,
        monthly.subscription_item_id, monthly.currency,
        {% for bound in bounds %}
        {% set minor = half_even(bound ~ '(monthly.net_minor, monthly.lasting_minor) * monthly.' ~ bound ~ '_numerator',
            'monthly.' ~ bound ~ '_denominator') %}
        sum(case when monthly.is_asked and (monthly.is_paid or not monthly.is_proration) then {{ minor }} else 0 end)
        + case
            when max(case when monthly.is_steady then 1 else 0 end) = 1 then 0
            else sum(case when monthly.is_proration and not monthly.is_paid then {{ bound }}({{ minor }}, 0) else 0 end)
        end as {{ bound }}_minor,
        {% endfor %}
        sum(1 + monthly.times_as_long) as slack_minor,
        max(case when monthly.is_proration or monthly.paid_at < instants.ends_at then 0 else 1 end) = 1 as is_unpaid,
        max(case when monthly.is_proration or monthly.is_asked then 0 else 1 end) = 1 as is_unasked,
        max(case when not monthly.is_proration and monthly.amount_minor = 0 then 1 else 0 end) = 1 as is_free
    from int_revenue_periods_ranged as instants
    inner join monthly
        on monthly.service_starts_at < instants.ends_at and instants.ends_at <= monthly.service_ends_at
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
        from bills
        where total_minor > 0 and is_asked
    ) as late
        on late.created_at < instants.ends_at and coalesce(late.paid_at, instants.ends_at) >= instants.ends_at
    left join (
        select subscription_id, created_at, paid_at from bills where total_minor > 0 and paid_at is not null
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
