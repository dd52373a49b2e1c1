-- Every record that does not fit its types, with the reason; the rest of its stream is served without it.
select 'files' as source, 'products' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_files__products') }} where quarantine_reason is not null
union all
select 'files' as source, 'product_map' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_files__product_map') }} where quarantine_reason is not null
union all
select 'files' as source, 'teams' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_files__teams') }} where quarantine_reason is not null
union all
select 'files' as source, 'policy' as stream, record_id, quarantine_reason, extracted_at, load_id from {{ ref('base_files__policy') }} where quarantine_reason is not null
