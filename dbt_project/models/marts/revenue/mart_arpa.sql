-- Who pays on several slices or for several products counts on each of them once, so every slice and the company are
-- counted anew. An account that no customer owns counts by itself.
with fct_mrr_balance as {{ inlined() }} (select * from {{ ref('fct_mrr_balance') }}),
fct_mrr_movement as {{ inlined() }} (select * from {{ ref('fct_mrr_movement') }}),
active_items as {{ inlined() }} (select * from {{ active_items() }}),
int_mrr_changes_typed as {{ inlined() }} (select * from {{ ref('int_mrr_changes_typed') }}),
int_revenue_periods_ranged as (select * from {{ ref('int_revenue_periods_ranged') }}),
int_stripe_clocks_read as (select * from {{ ref('int_stripe_clocks_read') }}),

amounts as (
    {% for product in ['product_id', "'COMPANY'"] %}
    select
        fiscal_period, {{ product }} as product_id, segment, market, customer_id, cast(null as varchar) as account_key,
        cast(null as varchar) as new_account_key, mrr_plan_minor as held_minor, null as new_minor
    from fct_mrr_balance
    union all
    select fiscal_period, {{ product }}, segment, market, customer_id, customer_key, null, null, null
    from active_items
    where sample_kind = 'closing' and customer_id = 'UNMAPPED'
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {% for product, type in [('product_id', 'product_type'), ("'COMPANY'", 'company_type')] %}
    union all
    select fiscal_period, {{ product }}, segment, market, customer_id, null, null, null, delta_plan_minor
    from fct_mrr_movement
    where not is_intra_period and {{ type }} = 'logo_new'
    union all
    -- Such an account is a logo by itself.
    select fiscal_period, {{ product }}, segment, market, customer_id, null, logo_id, null, null
    from int_mrr_changes_typed
    where {{ type }} = 'logo_new' and customer_id = 'UNMAPPED'
    {% endfor %}
),

slices as (
    {% for slice_type, slice_value in [('all', "'ALL'"), ('segment', 'segment'), ('market', 'market')] %}
    select
        fiscal_period, product_id, '{{ slice_type }}' as slice_type, {{ slice_value }} as slice_value,
        coalesce(sum(held_minor), 0) as paying_minor,
        count(distinct case when customer_id <> 'UNMAPPED' and held_minor is not null then customer_id end)
            + count(distinct account_key) as paying_customers,
        coalesce(sum(case when customer_id = 'UNMAPPED' then held_minor end), 0) as unmapped_minor,
        count(distinct account_key) as unmapped_accounts,
        coalesce(sum(new_minor), 0) as new_minor,
        count(distinct case when customer_id <> 'UNMAPPED' and new_minor is not null then customer_id end)
            + count(distinct new_account_key) as new_customers,
        coalesce(sum(case when customer_id = 'UNMAPPED' then new_minor end), 0) as unmapped_new_minor,
        count(distinct new_account_key) as unmapped_new_accounts
    from amounts
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

labelled as (
    {{ labelled('slices', 'int_revenue_periods_ranged', 'int_stripe_clocks_read', named=['slice']) }}
)

select
    slice_type <> 'all' or product_id = 'COMPANY' as is_rollup,
    {{ period_and_product('labelled') }},
    slice_type,
    slice_value,
    slice_name,
    {{ in_units('paying_minor', 'labelled') }} as paying_mrr,
    cast(paying_customers as bigint) as paying_customers,
    cast({{ in_units('paying_minor', 'labelled') }} as double) / nullif(paying_customers, 0) as arpa,
    {{ in_units('unmapped_minor', 'labelled') }} as unmapped_mrr,
    cast(unmapped_accounts as bigint) as unmapped_accounts,
    case when prior_fiscal_period is not null then {{ in_units('new_minor', 'labelled') }} end as new_mrr,
    case when prior_fiscal_period is not null then cast(new_customers as bigint) end as new_customers,
    case
        when prior_fiscal_period is not null then {{ in_units('unmapped_new_minor', 'labelled') }}
    end as unmapped_new_mrr,
    case when prior_fiscal_period is not null then cast(unmapped_new_accounts as bigint) end as unmapped_new_accounts,
    cast({{ in_units('new_minor', 'labelled') }} as double) / nullif(new_customers, 0) as asp,
    currency,
    data_as_of,
    loaded_at
from labelled
