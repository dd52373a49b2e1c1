{{ config(materialized='view') }}

-- The field holds a list ("12, 15"): a sprint's membership runs on while the list changes around it.
with listed as (
    select ranges.issue_id, ranges.change_number, trim(pieces.piece) as sprint_id, ranges.valid_from, ranges.valid_to
    from {{ ref('int_issue_fields_ranged') }} as ranges
    {{ text_pieces('ranges.value_id', ',', 'pieces') }}
    where ranges.field = 'sprint' and trim(pieces.piece) <> ''
),

islands as (
    select
        *,
        change_number - row_number() over (partition by issue_id, sprint_id order by change_number) as island
    from listed
)

select
    issue_id,
    sprint_id,
    min(valid_from) as valid_from,
    case when count(*) = count(valid_to) then max(valid_to) end as valid_to,
    count(*) > count(valid_to) as is_current
from islands
group by issue_id, sprint_id, island
