{{ config(database='restricted', tags=['restricted']) }}

-- What the people whom a what-if assumes cost: their days at the standard rate of their function, for the products of
-- their team. All of it is more, or less, than the ledger has: nobody's pay and no remainder moves.
with team_days as (
    select fiscal_period, lower(function_name) as function_name, team_id, work_date, fte_thousandths as paid_thousandths
    from {{ ref('int_headcount_days_assumed') }}
),

{{ people_at_standard('team_days') }}
