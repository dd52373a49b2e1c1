-- What a quantity costs for a term, exactly: a fraction of minor units. Graduated tiers cost what the units within each
-- of them do, others by the tier of the last unit.
with int_subscription_items_ranged as (select * from {{ ref('int_subscription_items_ranged') }}),
stg_stripe__prices as (select * from {{ ref('stg_stripe__prices') }}),
int_price_tiers_ranged as (select * from {{ ref('int_price_tiers_ranged') }}),

units as (
    select
        quantities.price_id,
        quantities.quantity,
        case
            when prices.divide_quantity_by is null then quantities.quantity
            when prices.round_quantity = 'up'
                then {{ whole_quotient('quantities.quantity + prices.divide_quantity_by - 1',
                    'prices.divide_quantity_by') }}
            else {{ whole_quotient('quantities.quantity', 'prices.divide_quantity_by') }}
        end as units
    from (select distinct price_id, quantity from int_subscription_items_ranged) as quantities
    inner join stg_stripe__prices as prices on quantities.price_id = prices.price_id
),

parts as (
    select
        units.price_id,
        units.quantity,
        case
            when tiers.tiers_mode = 'graduated'
                then least(units.units, coalesce(tiers.units_up_to, units.units)) - tiers.units_above
            when units.units <= coalesce(tiers.units_up_to, units.units) then units.units
        end as units,
        tiers.unit_amount_decimal,
        tiers.flat_amount_decimal
    from units
    inner join int_price_tiers_ranged as tiers
        on units.price_id = tiers.price_id and units.units > tiers.units_above
),

-- Amounts have up to twelve decimals.
sums as (
    select
        price_id,
        quantity,
        sum(
            {{ whole('units') }} * {{ whole('unit_amount_decimal * 1000000000000') }}
                + {{ whole('flat_amount_decimal * 1000000000000') }}
        ) as numerator
    from parts
    where units is not null
    group by price_id, quantity
)

select price_id, quantity, {{ reduced('term', 'numerator', '1000000000000') }}
from sums
