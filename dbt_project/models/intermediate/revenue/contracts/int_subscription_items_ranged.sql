-- What an item of a contract holds and from when to when, what states it, and which term it is in. Before anything
-- states it an item was what the first statement says; after the last it goes on with its contract, however late the
-- next invoice is. A trial, and a term that began while collection was paused, bring nothing, by the company's
-- switches.
with int_subscription_statements_read as (select * from {{ ref('int_subscription_statements_read') }}),
int_subscription_pauses_read as (select * from {{ ref('int_subscription_pauses_read') }}),
int_item_prices_resolved as {{ inlined() }} (select * from {{ ref('int_item_prices_resolved') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),

-- What was used is no term. A first bill for a part of a term states its discounts, as a term's does.
statements as (
    select
        statements.*,
        not statements.is_change
        or (
            statements.discount_minor > 0
            and statements.service_starts_at < coalesce(
                min(case when not statements.is_change then statements.service_starts_at end) over (
                    partition by statements.subscription_item_id
                ),
                timestamp '9999-12-31 00:00:00'
            )
        ) as is_term,
        pauses.invoice_id is not null as is_paused
    from int_subscription_statements_read as statements
    inner join int_item_prices_resolved as prices
        on statements.subscription_item_id = prices.subscription_item_id and statements.price_id = prices.price_id
        and prices.usage_type = 'licensed'
    left join int_subscription_pauses_read as pauses on statements.invoice_id = pauses.invoice_id
),

numbered as (
    select
        statements.*,
        row_number() over item_story as line_number,
        lead(statements.service_starts_at) over item_story as next_starts_at,
        sum(case when statements.is_term then 1 else 0 end) over (
            partition by statements.subscription_item_id
            order by statements.service_starts_at, {{ statement_rank('statements') }}, statements.created_at,
                statements.statement_id
            rows between unbounded preceding and current row
        ) as term_number
    from statements
    window item_story as (
        partition by statements.subscription_item_id
        order by statements.service_starts_at, {{ statement_rank('statements') }}, statements.created_at,
            statements.statement_id
    )
),

-- Of two invoices over one term of a contract the newer one counts, for items that have no term of their own yet.
contract_terms as (
    select
        subscription_id, statement_id, invoice_id, is_paused, service_starts_at as valid_from,
        coalesce(
            lead(service_starts_at) over (partition by subscription_id order by service_starts_at),
            timestamp '9999-12-31 00:00:00'
        ) as valid_to
    from (
        select
            *,
            row_number() over (
                partition by subscription_id, service_starts_at order by created_at desc, statement_id desc
            ) as choice
        from statements
        where is_term
    ) as terms
    where choice = 1
),

items as (
    select
        items.*,
        contracts.trial_starts_at,
        contracts.trial_ends_at,
        case
            when contracts.status in ('active', 'past_due', 'trialing', 'unpaid')
                then timestamp '9999-12-31 00:00:00'
            else items.current_period_ends_at
        end as valid_to
    from stg_stripe__subscription_items as items
    inner join stg_stripe__subscriptions as contracts on items.subscription_id = contracts.subscription_id
),

held as (
    select
        items.subscription_id,
        items.subscription_item_id,
        coalesce(first_line.price_id, items.price_id) as price_id,
        coalesce(first_line.quantity, items.quantity, 1) as quantity,
        first_line.statement_id,
        cast(null as varchar) as term_statement_id,
        -- What began in a trial that no bill shows begins when it is over.
        case
            when items.trial_starts_at <= items.created_at and items.created_at < items.trial_ends_at
                and not policy.trials_count
                then least(items.trial_ends_at, coalesce(first_line.service_starts_at, items.trial_ends_at))
            else items.created_at
        end as valid_from,
        coalesce(first_line.service_starts_at, items.valid_to) as valid_to
    from items
    cross join int_policies_read as policy
    left join numbered as first_line
        on items.subscription_item_id = first_line.subscription_item_id and first_line.line_number = 1
    union all
    select
        numbered.subscription_id,
        numbered.subscription_item_id,
        numbered.price_id,
        numbered.quantity,
        numbered.statement_id,
        term.statement_id,
        numbered.service_starts_at,
        case
            when numbered.next_starts_at is null
                then greatest(numbered.service_ends_at, coalesce(items.valid_to, numbered.service_ends_at))
            else least(numbered.service_ends_at, numbered.next_starts_at)
        end
    from numbered
    left join items on numbered.subscription_item_id = items.subscription_item_id
    left join numbered as term
        on numbered.subscription_item_id = term.subscription_item_id and numbered.term_number = term.term_number
        and term.is_term
    where not numbered.is_change or numbered.amount_minor >= 0
),

placed as (
    select
        held.subscription_id,
        held.subscription_item_id,
        held.price_id,
        held.quantity,
        held.statement_id,
        coalesce(held.term_statement_id, contract_terms.statement_id) as term_statement_id,
        held.valid_from,
        least(
            held.valid_to,
            coalesce(contracts.ended_at, held.valid_to),
            -- A notice that was taken back is none: Stripe no longer reports it.
            case
                when policy.churn_date = 'notice' then coalesce(contracts.canceled_at, held.valid_to)
                else held.valid_to
            end
        ) as valid_to
    from held
    cross join int_policies_read as policy
    inner join stg_stripe__subscriptions as contracts
        on held.subscription_id = contracts.subscription_id
        -- A contract whose first invoice was never paid has not begun.
        and contracts.status not in ('incomplete', 'incomplete_expired')
    inner join int_item_prices_resolved as prices
        on held.subscription_item_id = prices.subscription_item_id and held.price_id = prices.price_id
        and prices.usage_type in ('licensed', 'base_fee')
    left join contract_terms
        on held.term_statement_id is null and held.subscription_id = contract_terms.subscription_id
        and contract_terms.valid_from <= held.valid_from and held.valid_from < contract_terms.valid_to
)

select
    placed.subscription_id,
    placed.subscription_item_id,
    placed.price_id,
    placed.quantity,
    placed.statement_id,
    placed.term_statement_id,
    placed.valid_from,
    placed.valid_to
from placed
cross join int_policies_read as policy
left join statements as own
    on placed.statement_id = own.statement_id and own.service_starts_at <= placed.valid_from
left join statements as term on placed.term_statement_id = term.statement_id
where placed.valid_from < placed.valid_to
    and (policy.paused_counts or not coalesce(term.is_paused, false))
    -- Stripe bills a trial at nothing.
    and (policy.trials_count or coalesce(own.amount_minor, 1) <> 0 or coalesce(term.amount_minor, 0) <> 0)
