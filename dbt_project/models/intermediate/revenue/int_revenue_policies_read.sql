{{ config(materialized='view') }}

-- The switches of revenue. A file that lacks one, or a company without the file, gets what stands here.
select
    coalesce(policy.reporting_time_zone, 'UTC') as reporting_time_zone,
    coalesce(policy.reporting_currency, 'EUR') as reporting_currency,
    coalesce(policy.churn_date, 'service_end') as churn_date,
    coalesce(policy.late_renewal_days, 30) as late_renewal_days,
    coalesce(policy.past_due_days, 30) as past_due_days,
    coalesce(policy.paused_counts, false) as paused_counts,
    coalesce(policy.trials_count, false) as trials_count,
    coalesce(policy.dated_credits_count, true) as dated_credits_count,
    coalesce(policy.reactivation_retains, false) as reactivation_retains,
    coalesce(policy.price_min_observations, 5) as price_min_observations
from (select 1 as company) as company
left join {{ ref('stg_files__policies') }} as policy on true
