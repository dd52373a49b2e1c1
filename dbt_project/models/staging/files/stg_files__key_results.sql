select
    kr_id,
    objective_id,
    kr_name,
    case when kr_type = 'maintain' then 'stay-above' else kr_type end as kr_type,
    unit,
    start_value,
    case when kr_type = 'maintain' then coalesce(target_value, start_value) else target_value end as target_value,
    weight,
    metric,
    slice,
    coalesce(success_at, 1) as success_at,
    coalesce(status, 'active') as status,
    status_date,
    continues_kr_id,
    coalesce(valid_from, date '0001-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    load_id
from {{ ref('base_files__key_results') }}
where not is_deleted and quarantine_reason is null
