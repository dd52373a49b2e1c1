-- People at standard: paid days times the standard rate of their function, for the products of each day's team. What
-- pay differs from standard is left to the remainder. Rates are in the reporting currency, the ledger in its own one,
-- at the period's last rate.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),

team_days as (
    select
        fiscal_period, lower(function_name) as function_name, team_id, work_date,
        sum(paid_thousandths) as paid_thousandths
    from fct_worker_day
    where is_head and paid_thousandths > 0
    group by 1, 2, 3, 4
),

{{ people_at_standard('team_days') }}
