select
    record_id as coupon_id,
    coupon_name,
    percent_off,
    currency,
    {{ iso_minor('amount_off') }} as amount_off_minor,
    duration,
    duration_in_months,
    product_ids,
    redeem_by_at,
    is_valid,
    metadata,
    account_prefix,
    created_at,
    load_id
from {{ ref('base_stripe__coupons') }}
where not is_deleted and quarantine_reason is null
