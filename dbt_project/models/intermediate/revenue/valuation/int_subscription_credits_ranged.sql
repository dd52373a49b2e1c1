-- What credits for days of service take from a contract by the month, at the rate of those days: exactly, added up
-- where they overlap.
with credits as (
    select
        lines.subscription_id,
        lines.service_starts_at,
        lines.service_ends_at,
        -{{ whole('lines.amount_minor') }} * 365 * 24 * 3600 * 1000 as numerator,
        12 * {{ whole(milliseconds_between('lines.service_starts_at', 'lines.service_ends_at')) }} as denominator
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    cross join {{ ref('int_policies_read') }} as policy
    where lines.line_type = 'invoice_item_details' and not lines.is_proration
        and lines.amount_minor < 0 and lines.service_starts_at < lines.service_ends_at and policy.dated_credits_count
),

edges as (
    select subscription_id, service_starts_at as edge_at from credits
    union
    select subscription_id, service_ends_at from credits
),

stretches as (
    select
        subscription_id, edge_at as valid_from,
        lead(edge_at) over (partition by subscription_id order by edge_at) as valid_to
    from edges
),

held as (
    select stretches.*, credits.numerator, credits.denominator
    from stretches
    inner join credits
        on stretches.subscription_id = credits.subscription_id
        and credits.service_starts_at <= stretches.valid_from and stretches.valid_from < credits.service_ends_at
),

denominators as (
    select subscription_id, valid_from, {{ common_multiple('denominator') }} as common_denominator
    from held
    group by subscription_id, valid_from
),

sums as (
    select
        held.subscription_id, held.valid_from, held.valid_to, denominators.common_denominator,
        sum(held.numerator * {{ whole_quotient('denominators.common_denominator', 'held.denominator') }}) as numerator
    from held
    inner join denominators
        on held.subscription_id = denominators.subscription_id and held.valid_from = denominators.valid_from
    group by held.subscription_id, held.valid_from, held.valid_to, denominators.common_denominator
)

select subscription_id, valid_from, valid_to, {{ reduced('monthly', 'numerator', 'common_denominator') }}
from sums
