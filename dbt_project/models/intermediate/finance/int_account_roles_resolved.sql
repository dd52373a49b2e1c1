{{ config(materialized='view') }}
-- Accounts that documents post to without naming them: those in use. Where a role has no account, or several, there is
-- none to choose.
with roles as (
    select
        account_id,
        case
            when account_type = 'Accounts Receivable' then 'receivable'
            when account_type = 'Accounts Payable' then 'payable'
            when account_subtype = 'UndepositedFunds' then 'undeposited_funds'
            when account_subtype = 'SalesTaxPayable' then 'sales_tax'
            when lower(account_subtype) = 'exchangegainorloss' then 'exchange'
            when account_subtype = 'RetainedEarnings' then 'retained_earnings'
        end as role,
        currency
    from {{ ref('stg_quickbooks__accounts') }}
    where is_active
),

-- Only receivables and payables have an account per currency.
keyed as (
    select role, account_id, case when role in ('receivable', 'payable') then currency end as currency
    from roles
    where role is not null
)

select role, currency, case when count(*) = 1 then min(account_id) end as account_id, count(*) as accounts
from keyed
group by role, currency
