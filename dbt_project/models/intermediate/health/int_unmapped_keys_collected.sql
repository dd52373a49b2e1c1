{{ config(materialized='view') }}

-- What nobody mapped, or not always. A row of the company's files that maps it may hold from `since` until `until`: the
-- time that no row speaks of.
with keys as (
    {% for domain in ['usage', 'work', 'billing', 'ledger', 'staff'] %}
    select map_file, mapped_source, object_type, map_key, key_name, use_kind, uses, unmapped_uses, unmapped_amount
    from {{ ref('int_' ~ domain ~ '_keys_measured') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

mapped as (
    select 'product_map' as map_file, mapped_source, object_type, match_key as map_key, valid_from, valid_to
    from {{ ref('stg_files__product_maps') }}
    where match_type = 'exact'
    {% for map_file, model, source_name, key in [
        ('customer_map', 'stg_files__customer_maps', 'mapped_source', 'account_key'),
        ('account_map', 'stg_files__account_maps', "'quickbooks'", 'account_id'),
        ('vendor_map', 'stg_files__vendor_maps', "'quickbooks'", 'vendor_key'),
        ('worker_map', 'stg_files__worker_maps', 'mapped_source', 'person_key'),
    ] %}
    union all
    select '{{ map_file }}', {{ source_name }}, null, {{ key }}, valid_from, valid_to from {{ ref(model) }}
    {% endfor %}
),

ranges as (
    select map_file, mapped_source, object_type, map_key, min(valid_from) as first_from, max(valid_to) as last_to
    from mapped
    group by map_file, mapped_source, object_type, map_key
)

select
    keys.map_file,
    keys.mapped_source,
    keys.object_type,
    keys.map_key,
    keys.key_name,
    keys.use_kind,
    keys.uses,
    keys.unmapped_uses,
    keys.unmapped_amount,
    policy.reporting_currency as currency,
    case when ranges.first_from = date '0001-01-01' then nullif(ranges.last_to, date '9999-12-31') end as since,
    nullif(ranges.first_from, date '0001-01-01') as until
from keys
cross join {{ ref('int_policies_read') }} as policy
left join ranges
    on keys.map_file = ranges.map_file and keys.mapped_source = ranges.mapped_source and keys.map_key = ranges.map_key
    and keys.object_type = coalesce(ranges.object_type, keys.object_type)
where keys.unmapped_uses > 0 and (keys.map_key is not null or keys.map_file = 'product_map')
