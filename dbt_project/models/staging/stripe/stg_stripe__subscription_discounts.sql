-- Discounts of a whole subscription and of one of its items. A discount is one object wherever it is attached, so that
-- its id alone is no key.
with attached as (
    select subscription_id, cast(null as varchar) as subscription_item_id, discounts, account_prefix, load_id
    from {{ ref('stg_stripe__subscriptions') }}
    union all
    select subscription_id, subscription_item_id, discounts, account_prefix, load_id
    from {{ ref('stg_stripe__subscription_items') }}
)

select
    attached.account_prefix || {{ json_text('elements.element', "'$.id'") }} as discount_id,
    attached.subscription_id,
    attached.subscription_item_id,
    -- The order in which they are taken off.
    elements.position as discount_number,
    attached.account_prefix || {{ json_text('elements.element', "'$.source.coupon'") }} as coupon_id,
    attached.account_prefix || {{ json_text('elements.element', "'$.promotion_code'") }} as promotion_code_id,
    {{ from_text(json_text('elements.element', "'$.start'"), 'unix') }} as starts_at,
    {{ from_text(json_text('elements.element', "'$.end'"), 'unix') }} as ends_at,
    attached.load_id
from attached
{{ json_array_elements('attached.discounts', 'elements') }}
