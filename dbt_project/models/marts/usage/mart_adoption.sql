with fct_event_daily as (select * from {{ ref('fct_event_daily') }}),
int_amplitude_clocks_read as {{ inlined() }} (select * from {{ ref('int_amplitude_clocks_read') }}),
int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_usage_keys_resolved as (select * from {{ ref('int_usage_keys_resolved') }}),
bridge_user_alias as (select * from {{ ref('bridge_user_alias') }}),
int_features_measured as {{ inlined() }} (select * from {{ ref('int_features_measured') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
dim_product as (select * from {{ ref('dim_product') }}),

monthly as (
    select
        cast({{ dbt.date_trunc('month', 'facts.activity_date') }} as date) as activity_month,
        facts.product_id, facts.segment, facts.market, facts.customer_id, facts.canonical_user_id,
        sum(facts.events) as uses
    from fct_event_daily as facts
    inner join int_amplitude_clocks_read as clock on facts.activity_date <= clock.last_date
    where facts.is_active and not facts.is_bot and not facts.is_internal
    group by 1, 2, 3, 4, 5, 6
),

parts as (
    {{ sliced('monthly', ['activity_month', 'product_id', 'customer_id', 'canonical_user_id', 'uses']) }}
),

exposed as (
    select resolved.product_id, aliases.canonical_user_id, min(daily.activity_date) as exposed_date
    from int_events_daily as daily
    inner join int_usage_keys_resolved as resolved
        on daily.activity_date = resolved.activity_date and resolved.object_type = 'exposure'
        and daily.flag_key = resolved.place_key
    inner join bridge_user_alias as aliases on daily.alias = aliases.alias and aliases.known_to is null
    where daily.events > 0
    group by resolved.product_id, aliases.canonical_user_id
),

-- A user of the feature or of the product above it could have used the feature; only the former counts as use of it.
scopes as (
    select *, product_id as used_product_id, 1 as is_use from int_features_measured
    union all
    select *, parent_product_id, 0 from int_features_measured
),

people as (
    select
        scopes.activity_month, scopes.product_id, parts.slice_type, parts.slice_value, parts.canonical_user_id,
        parts.customer_id,
        scopes.is_flagged, scopes.as_of_date, sum(parts.uses * scopes.is_use) as customer_uses
    from parts
    inner join scopes on parts.activity_month = scopes.activity_month and parts.product_id = scopes.used_product_id
    group by 1, 2, 3, 4, 5, 6, 7, 8
),

users as (
    select
        people.activity_month, people.product_id, people.slice_type, people.slice_value, people.canonical_user_id,
        sum(people.customer_uses) as uses
    from people
    left join exposed
        on people.is_flagged and people.product_id = exposed.product_id
        and people.canonical_user_id = exposed.canonical_user_id
    group by 1, 2, 3, 4, 5
    having not bool_or(people.is_flagged) or sum(people.customer_uses) > 0
        or min(exposed.exposed_date) <= min(people.as_of_date)
),

customers as (
    select
        people.activity_month, people.product_id, people.slice_type, people.slice_value, people.customer_id,
        sum(people.customer_uses) as uses
    from people
    inner join users
        on people.activity_month = users.activity_month and people.product_id = users.product_id
        and people.slice_type = users.slice_type and people.slice_value = users.slice_value
        and people.canonical_user_id = users.canonical_user_id
    where people.customer_id <> 'UNMAPPED'
    group by 1, 2, 3, 4, 5
),

cells as (
    select activity_month, product_id, slice_type, slice_value, uses, 1 as is_user from users
    union all
    select activity_month, product_id, slice_type, slice_value, uses, 0 from customers
),

figures as (
    select
        cells.activity_month, cells.product_id, cells.slice_type, cells.slice_value,
        sum(cells.is_user) as users_eligible,
        count(case when cells.is_user = 1 and cells.uses >= policy.adoption_uses then 1 end) as users_adopting,
        sum(1 - cells.is_user) as customers_eligible,
        count(case when cells.is_user = 0 and cells.uses >= policy.adoption_uses then 1 end) as customers_adopting
    from cells
    cross join int_policies_read as policy
    group by 1, 2, 3, 4
)

select
    figures.activity_month,
    figures.product_id,
    products.product_name,
    products.portfolio_id,
    figures.slice_type,
    figures.slice_value,
    {% for who in ['users', 'customers'] %}
    cast(figures.{{ who }}_eligible as bigint) as {{ who }}_eligible,
    figures.{{ who }}_adopting,
    cast(figures.{{ who }}_adopting as double) / nullif(figures.{{ who }}_eligible, 0) as {{ who }}_adoption_ratio,
    {% endfor %}
    cast(figures.activity_month + interval '1' month as date) <= clock.last_date as is_complete,
    clock.data_as_of,
    clock.loaded_at
from figures
cross join int_amplitude_clocks_read as clock
left join dim_product as products on figures.product_id = products.product_id and products.is_current
