-- A feature is measured against the nearest product above it, and where flags decide who sees it, against those who
-- were shown it: as things stood on the last day of the month, or on the data's own day while the month runs.
with int_events_daily as (select * from {{ ref('int_events_daily') }}),
int_amplitude_clocks_read as (select * from {{ ref('int_amplitude_clocks_read') }}),
stg_files__products as {{ inlined() }} (select * from {{ ref('stg_files__products') }}),
int_product_ancestors_ranged as (select * from {{ ref('int_product_ancestors_ranged') }}),
stg_files__product_maps as (select * from {{ ref('stg_files__product_maps') }}),

months as (
    select
        found.activity_month,
        least(cast(found.activity_month + interval '1' month - interval '1' day as date), clock.last_date) as as_of_date
    from (
        select distinct cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as activity_month
        from int_events_daily
    ) as found
    inner join int_amplitude_clocks_read as clock on found.activity_month <= clock.last_date
)

select
    months.activity_month,
    months.as_of_date,
    features.product_id,
    min_by(ancestors.ancestor_id, ancestors.distance) as parent_product_id,
    max(case when flags.product_id is not null then 1 else 0 end) = 1 as is_flagged
from months
inner join stg_files__products as features
    on features.level = 'feature' and {{ valid_on('features', 'months.as_of_date') }}
inner join int_product_ancestors_ranged as ancestors
    on features.product_id = ancestors.product_id and ancestors.distance > 0
    and {{ valid_on('ancestors', 'months.as_of_date') }}
inner join stg_files__products as parents
    on ancestors.ancestor_id = parents.product_id and parents.level = 'product'
    and {{ valid_on('parents', 'months.as_of_date') }}
left join stg_files__product_maps as flags
    on flags.mapped_source = 'amplitude' and flags.object_type = 'exposure' and features.product_id = flags.product_id
    and {{ valid_on('flags', 'months.as_of_date') }}
group by months.activity_month, months.as_of_date, features.product_id
