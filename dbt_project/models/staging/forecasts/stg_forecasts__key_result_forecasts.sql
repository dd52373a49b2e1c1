-- Of each day what was said last; what was said on earlier days stays.
with versions as (
    select
        *,
        row_number() over (partition by record_id, as_of_date order by load_id desc, sequence desc) as day_rank,
        row_number() over (partition by record_id order by load_id desc, sequence desc) as rank
    from {{ ref('base_forecasts__key_result_forecasts_versions') }}
    where quarantine_reason is null
)

select
    record_id as key_result_id,
    as_of_date,
    -- One that has been left lands a tombstone, and then none of its forecasts is said any more.
    rank = 1 as is_current,
    cycles,
    learned_from,
    reason,
    p_hit,
    p10,
    p50,
    p90,
    expected,
    usual_pace,
    extracted_at,
    load_id
from versions
where not is_deleted and day_rank = 1
