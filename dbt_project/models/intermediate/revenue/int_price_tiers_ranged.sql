-- What the units of each tier cost; a price without tiers has one.
select
    price_id,
    1 as tier_number,
    'volume' as tiers_mode,
    cast(0 as bigint) as units_above,
    cast(null as bigint) as units_up_to,
    unit_amount_decimal,
    cast(0 as decimal(38, 12)) as flat_amount_decimal
from {{ ref('stg_stripe__prices') }}
where unit_amount_decimal is not null
union all
select
    price_id,
    tier_number,
    tiers_mode,
    coalesce(lag(units_up_to) over (partition by price_id order by tier_number), 0),
    units_up_to,
    {{ iso_minor('coalesce(unit_amount, 0)', type='decimal(38, 12)') }},
    {{ iso_minor('coalesce(flat_amount, 0)', type='decimal(38, 12)') }}
from (
    select
        prices.price_id, prices.currency, prices.tiers_mode, elements.position as tier_number,
        {{ from_text(json_text('elements.element', "'$.up_to'"), 'bigint') }} as units_up_to,
        {{ from_text(json_text('elements.element', "'$.unit_amount_decimal'"), 'fine_decimal') }} as unit_amount,
        {{ from_text(json_text('elements.element', "'$.flat_amount_decimal'"), 'fine_decimal') }} as flat_amount
    from {{ ref('stg_stripe__prices') }} as prices
    {{ json_array_elements('prices.tiers', 'elements') }}
    where prices.unit_amount_decimal is null
) as tiers
