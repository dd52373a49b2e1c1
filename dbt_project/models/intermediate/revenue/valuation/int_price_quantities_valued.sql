-- What a quantity of an item costs for a term by its price, exactly: a fraction of minor units, for terms that no bill
-- states. Graduated tiers cost what the units within each of them do, others by the tier of the last unit.
with int_item_prices_resolved as (select * from {{ ref('int_item_prices_resolved') }}),
int_subscription_statements_read as (select * from {{ ref('int_subscription_statements_read') }}),
stg_stripe__subscription_items as (select * from {{ ref('stg_stripe__subscription_items') }}),

quantities as (
    select subscription_item_id, price_id, quantity from int_subscription_statements_read
    union
    select subscription_item_id, price_id, coalesce(quantity, 1) from stg_stripe__subscription_items
),

units as (
    select
        quantities.subscription_item_id,
        quantities.price_id,
        quantities.quantity,
        case
            when prices.divide_quantity_by is null then quantities.quantity
            else cast({{ whole_quotient(
                trillionths('quantities.quantity') ~ " + case when prices.round_quantity = 'up' then "
                    ~ trillionths('prices.divide_quantity_by') ~ ' - 1 else 0 end',
                trillionths('prices.divide_quantity_by')
            ) }} as decimal(38, 12))
        end as units
    from quantities
    inner join int_item_prices_resolved as prices
        on quantities.subscription_item_id = prices.subscription_item_id and quantities.price_id = prices.price_id
),

-- A price without tiers has one.
tiers as (
    select
        subscription_item_id,
        price_id,
        'volume' as tiers_mode,
        cast(0 as bigint) as units_above,
        cast(null as bigint) as units_up_to,
        unit_amount_decimal,
        cast(0 as decimal(38, 12)) as flat_amount_decimal
    from int_item_prices_resolved
    where unit_amount_decimal is not null
    union all
    select
        subscription_item_id,
        price_id,
        tiers_mode,
        coalesce(lag(units_up_to) over (partition by subscription_item_id, price_id order by tier_number), 0),
        units_up_to,
        {{ iso_minor('coalesce(unit_amount, 0)', type='decimal(38, 12)') }},
        {{ iso_minor('coalesce(flat_amount, 0)', type='decimal(38, 12)') }}
    from (
        select
            prices.subscription_item_id, prices.price_id, prices.currency, prices.tiers_mode,
            elements.position as tier_number,
            {{ from_text(json_text('elements.element', "'$.up_to'"), 'bigint') }} as units_up_to,
            {{ from_text(json_text('elements.element', "'$.unit_amount_decimal'"), 'fine_decimal') }} as unit_amount,
            {{ from_text(json_text('elements.element', "'$.flat_amount_decimal'"), 'fine_decimal') }} as flat_amount
        from int_item_prices_resolved as prices
        {{ json_array_elements('prices.tiers', 'elements') }}
        where prices.unit_amount_decimal is null
    ) as listed
),

parts as (
    select
        units.subscription_item_id,
        units.price_id,
        units.quantity,
        {{ common_divisor(trillionths('units.units'), trillion()) }} as part_of_unit,
        case
            when tiers.tiers_mode = 'graduated'
                then least(units.units, coalesce(tiers.units_up_to, units.units)) - tiers.units_above
            when units.units <= coalesce(tiers.units_up_to, units.units) then units.units
        end as units,
        tiers.unit_amount_decimal,
        tiers.flat_amount_decimal
    from units
    inner join tiers
        on units.subscription_item_id = tiers.subscription_item_id and units.price_id = tiers.price_id
        and units.units > tiers.units_above
),

-- Amounts and quantities have up to twelve decimals. Parts of a unit are those of the quantity in every tier.
sums as (
    select
        subscription_item_id,
        price_id,
        quantity,
        {{ whole_quotient(whole(trillion()), 'part_of_unit') }} as parts_of_unit,
        sum(
            {{ whole_quotient(trillionths('units'), 'part_of_unit') }} * {{ trillionths('unit_amount_decimal') }}
                + {{ whole_quotient(whole(trillion()), 'part_of_unit') }} * {{ trillionths('flat_amount_decimal') }}
        ) as numerator
    from parts
    where units is not null
    group by subscription_item_id, price_id, quantity, part_of_unit
)

select subscription_item_id, price_id, quantity, {{ reduced('term', 'numerator', 'parts_of_unit * ' ~ trillion()) }}
from sums
