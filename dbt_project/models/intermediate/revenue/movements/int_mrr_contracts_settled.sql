-- What goes by one contract of a logo and comes by another one, in the same place, did not move. It is taken off the
-- contracts in the order of their ids. Of what is left, units that go in one currency and come in another one on the
-- same day, of the same customer and product, changed their currency: that is fx, the units beyond them are not.
with int_mrr_items_compared as (select * from {{ ref('int_mrr_items_compared') }}),
int_revenue_periods_ranged as {{ inlined() }} (select * from {{ ref('int_revenue_periods_ranged') }}),
fct_subscription_interval as (select * from {{ ref('fct_subscription_interval') }}),
int_policies_read as {{ inlined() }} (select * from {{ ref('int_policies_read') }}),

days as (
    select
        periods.fiscal_period, items.subscription_item_id, items.product_key,
        cast({{ to_local('min(case when items.valid_from >= periods.starts_at then items.valid_from end)',
            'min(policy.reporting_time_zone)') }} as date) as comes_date,
        cast({{ to_local('max(case when items.valid_to < periods.ends_at then items.valid_to end)',
            'min(policy.reporting_time_zone)') }} as date) as goes_date
    from int_revenue_periods_ranged as periods
    inner join fct_subscription_interval as items
        on items.valid_from < periods.ends_at and periods.starts_at <= items.valid_to
    cross join int_policies_read as policy
    group by periods.fiscal_period, items.subscription_item_id, items.product_key
),

parts as (
    select
        items.fiscal_period, items.logo_id, items.subscription_id, items.customer_id, items.product_id, items.segment,
        items.market, items.currency, items.fate,
        sum(items.closing_minor + items.opening_minor) as amount_minor,
        sum(case when items.fate = 'comes' then items.closing_quantity else items.opening_quantity end) as quantity,
        case when items.fate = 'comes' then min(days.comes_date) else max(days.goes_date) end as changed_date
    from int_mrr_items_compared as items
    left join days
        on items.fiscal_period = days.fiscal_period and items.subscription_item_id = days.subscription_item_id
        and items.product_key = days.product_key
    where items.fate in ('comes', 'goes')
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),

summed as (
    select
        *,
        coalesce(sum(case when fate = 'comes' then amount_minor end) over place, 0) as come_minor,
        coalesce(sum(case when fate = 'goes' then amount_minor end) over place, 0) as gone_minor,
        sum(amount_minor) over (
            partition by fiscal_period, logo_id, customer_id, product_id, segment, market, currency, fate
            order by subscription_id
            rows between unbounded preceding and current row
        ) as so_far_minor
    from parts
    window place as (partition by fiscal_period, logo_id, customer_id, product_id, segment, market, currency)
),

settled as (
    select *, least(amount_minor, greatest(0, so_far_minor - least(come_minor, gone_minor))) as left_minor from summed
),

-- What was set off in part is no whole unit any more.
counted as (
    select *, case when left_minor = amount_minor then quantity else 0 end as whole_quantity
    from settled
    where left_minor > 0
),

switched as (
    select
        *,
        sum(case when fate = 'comes' then whole_quantity else 0 end) over switch as come_quantity,
        sum(case when fate = 'goes' then whole_quantity else 0 end) over switch as gone_quantity
    from counted
    window switch as (
        partition by fiscal_period, logo_id, customer_id, product_id, segment, market, changed_date
    )
),

split as (
    select
        *,
        case
            when whole_quantity > 0
                then {{ half_even('left_minor * ' ~ trillionths('least(come_quantity, gone_quantity)'),
                    trillionths("case when fate = 'comes' then come_quantity else gone_quantity end")) }}
            else 0
        end as switched_minor
    from switched
)

{% for change_kind in ['fate', "'fx'"] %}
select
    fiscal_period, logo_id, subscription_id, customer_id, product_id, segment, market, currency,
    {{ change_kind }} as change_kind,
    {% set part_minor = 'left_minor - switched_minor' if change_kind == 'fate' else 'switched_minor' %}
    cast(case when fate = 'comes' then {{ part_minor }} else -({{ part_minor }}) end as bigint) as delta_minor
from split
where {{ part_minor }} > 0
{{ 'union all' if not loop.last }}
{% endfor %}
