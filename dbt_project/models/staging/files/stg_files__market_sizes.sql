select
    market,
    segment,
    product_id,
    calendar_year,
    tam_amount,
    sam_amount,
    currency,
    load_id
from {{ ref('base_files__market_size') }}
where not is_deleted and quarantine_reason is null
