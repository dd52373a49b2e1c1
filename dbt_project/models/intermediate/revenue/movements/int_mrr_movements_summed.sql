-- All that moved, by what it is: several contracts of a customer are one sum before they are rounded. What is gained
-- stays apart from what is lost.
with int_mrr_changes_typed as (select * from {{ ref('int_mrr_changes_typed') }}),
int_mrr_pairs_typed as (select * from {{ ref('int_mrr_pairs_typed') }}),
int_mrr_cells_remapped as (select * from {{ ref('int_mrr_cells_remapped') }}),

moved as (
    select
        fiscal_period, customer_id, product_id, segment, market, currency,
        company_type, product_type, false as is_intra_period, is_involuntary, delta_minor
    from int_mrr_changes_typed
    union all
    select
        fiscal_period, customer_id, product_id, segment, market, currency, company_type, product_type, true, false,
        delta_minor
    from int_mrr_pairs_typed
    union all
    select
        fiscal_period, customer_id, product_id, segment, market, currency, transfer_type, transfer_type, false, false,
        delta_minor
    from int_mrr_cells_remapped
)

select
    fiscal_period, customer_id, product_id, segment, market, currency, company_type, product_type, is_intra_period,
    is_involuntary,
    cast(sum(delta_minor) as bigint) as delta_minor
from moved
group by fiscal_period, customer_id, product_id, segment, market, currency, company_type, product_type, is_intra_period,
    is_involuntary, delta_minor > 0
