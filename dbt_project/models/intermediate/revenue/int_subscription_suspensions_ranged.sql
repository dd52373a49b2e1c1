-- When a contract brings nothing, whatever its items say. Ranges of one contract may overlap.
with int_subscription_terms_ranged as (select * from {{ ref('int_subscription_terms_ranged') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
stg_stripe__subscriptions as {{ inlined() }} (select * from {{ ref('stg_stripe__subscriptions') }}),
int_subscription_failures_ranged as (select * from {{ ref('int_subscription_failures_ranged') }})

select terms.subscription_id, terms.valid_from, terms.valid_to, 'paused' as reason
from int_subscription_terms_ranged as terms
cross join int_policies_read as policy
where terms.is_paused and not policy.paused_counts
union all
select subscriptions.subscription_id, subscriptions.trial_starts_at, subscriptions.trial_ends_at, 'trial'
from stg_stripe__subscriptions as subscriptions
cross join int_policies_read as policy
where subscriptions.trial_starts_at < subscriptions.trial_ends_at and not policy.trials_count
union all
select subscription_id, valid_from, valid_to, 'unpaid' from int_subscription_failures_ranged
union all
-- A notice that was taken back is none: Stripe no longer reports it.
select subscriptions.subscription_id, subscriptions.canceled_at, timestamp '9999-12-31 00:00:00', 'notice'
from stg_stripe__subscriptions as subscriptions
cross join int_policies_read as policy
where subscriptions.canceled_at is not null and policy.churn_date = 'notice'
