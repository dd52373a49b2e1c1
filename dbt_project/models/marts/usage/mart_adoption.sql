-- A user of the feature or of the product above it could have used the feature; behind a flag only one who used it or
-- was shown it by then. The users of a product are counted once for all of its features: as one row for each user and
-- feature this took 47 CPU-s of 5,000,000 events, so 7.
with fct_event_daily as (select * from {{ ref('fct_event_daily') }}),
int_amplitude_clocks_read as {{ inlined() }} (select * from {{ ref('int_amplitude_clocks_read') }}),
int_events_attributed as (select * from {{ ref('int_events_attributed') }}),
int_usage_keys_resolved as (select * from {{ ref('int_usage_keys_resolved') }}),
int_features_measured as {{ inlined() }} (select * from {{ ref('int_features_measured') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),
int_slices_named as (select * from {{ ref('int_slices_named') }}),
dim_product as (select * from {{ ref('dim_product') }}),

monthly as (
    select
        cast({{ dbt.date_trunc('month', 'facts.activity_date') }} as date) as activity_month,
        facts.product_id, facts.segment, facts.market, facts.customer_id, facts.canonical_user_id,
        sum(facts.events) as uses
    from fct_event_daily as facts
    inner join int_amplitude_clocks_read as clock on facts.activity_date <= clock.last_date
    where facts.is_active and not facts.is_bot and not facts.is_internal
        and facts.product_id in (
            select product_id from int_features_measured
            union all
            select parent_product_id from int_features_measured
        )
    group by 1, 2, 3, 4, 5, 6
),

parts as (
    {{ sliced('monthly', ['activity_month', 'product_id', 'customer_id', 'canonical_user_id', 'uses']) }}
),

users as (
    select activity_month, product_id, slice_type, slice_value, canonical_user_id as who_id, sum(uses) as uses
    from parts
    group by 1, 2, 3, 4, 5
),

customers as (
    select activity_month, product_id, slice_type, slice_value, customer_id as who_id, sum(uses) as uses
    from parts
    where customer_id <> 'UNMAPPED'
    group by 1, 2, 3, 4, 5
),

exposed as (
    select resolved.product_id, daily.canonical_user_id, min(daily.activity_date) as exposed_date
    from int_events_attributed as daily
    inner join int_usage_keys_resolved as resolved
        on daily.activity_date = resolved.activity_date and resolved.object_type = 'exposure'
        and daily.flag_key = resolved.place_key
    where daily.events > 0 and daily.is_dated and not daily.is_bot and not daily.is_internal
    group by resolved.product_id, daily.canonical_user_id
),

-- Those behind a flag who could have used it.
flagged_users as (
    select
        features.activity_month, features.product_id, features.parent_product_id, users.slice_type, users.slice_value,
        users.who_id
    from int_features_measured as features
    inner join users on features.activity_month = users.activity_month and features.product_id = users.product_id
    where features.is_flagged
    union
    select
        features.activity_month, features.product_id, features.parent_product_id, users.slice_type, users.slice_value,
        users.who_id
    from int_features_measured as features
    inner join exposed on features.product_id = exposed.product_id and exposed.exposed_date <= features.as_of_date
    inner join users
        on features.activity_month = users.activity_month and features.parent_product_id = users.product_id
        and exposed.canonical_user_id = users.who_id
    where features.is_flagged
),

flagged_customers as (
    select distinct
        flagged.activity_month, flagged.product_id, flagged.slice_type, flagged.slice_value, parts.customer_id as who_id
    from flagged_users as flagged
    inner join parts
        on flagged.activity_month = parts.activity_month
        and parts.product_id in (flagged.product_id, flagged.parent_product_id)
        and flagged.slice_type = parts.slice_type and flagged.slice_value = parts.slice_value
        and flagged.who_id = parts.canonical_user_id
    where parts.customer_id <> 'UNMAPPED'
),

counts as (
    {% for who in ['users', 'customers'] %}
    -- All of the product's.
    select
        features.activity_month, features.product_id, product.slice_type, product.slice_value, '{{ who }}' as who,
        product.size as eligible, 0 as adopting
    from int_features_measured as features
    inner join (
        select activity_month, product_id, slice_type, slice_value, count(*) as size from {{ who }} group by 1, 2, 3, 4
    ) as product
        on features.activity_month = product.activity_month and features.parent_product_id = product.product_id
    where not features.is_flagged
    union all
    -- The feature's own, eligible beside those where the product does not have them.
    select
        features.activity_month, features.product_id, own.slice_type, own.slice_value, '{{ who }}',
        count(case when not features.is_flagged and product.who_id is null then 1 end),
        count(case when own.uses >= policy.adoption_uses then 1 end)
    from int_features_measured as features
    cross join int_policies_read as policy
    inner join {{ who }} as own
        on features.activity_month = own.activity_month and features.product_id = own.product_id
    left join {{ who }} as product
        on own.activity_month = product.activity_month and features.parent_product_id = product.product_id
        and own.slice_type = product.slice_type and own.slice_value = product.slice_value
        and own.who_id = product.who_id
    group by 1, 2, 3, 4
    union all
    select activity_month, product_id, slice_type, slice_value, '{{ who }}', count(*), 0
    from flagged_{{ who }}
    group by 1, 2, 3, 4
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

figures as (
    select
        activity_month, product_id, slice_type, slice_value,
        {% for who in ['users', 'customers'] %}{% for figure in ['eligible', 'adopting'] %}
        cast(coalesce(sum(case when who = '{{ who }}' then {{ figure }} end), 0) as bigint) as {{ who }}_{{ figure }}
        {{- ',' if not (loop.last and who == 'customers') }}
        {% endfor %}{% endfor %}
    from counts
    group by 1, 2, 3, 4
)

select
    figures.slice_type <> 'all' as is_rollup,
    figures.activity_month as month_start_date,
    cast(figures.activity_month + interval '1' month as date) <= clock.last_date as is_complete,
    figures.product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    figures.slice_type,
    figures.slice_value,
    slices.slice_name,
    {% for who in ['users', 'customers'] %}
    figures.{{ who }}_eligible,
    figures.{{ who }}_adopting,
    {{ guarded(who ~ '_adoption_ratio', 'figures.' ~ who ~ '_adopting', 'figures.' ~ who ~ '_eligible',
        'figures.' ~ who ~ '_eligible', 'nobody_eligible') }},
    {% endfor %}
    clock.data_as_of,
    clock.loaded_at
from figures
cross join int_amplitude_clocks_read as clock
cross join int_policies_read as policy
left join dim_product as products on figures.product_id = products.product_id
left join int_slices_named as slices
    on figures.slice_type = slices.slice_type and figures.slice_value = slices.slice_value
