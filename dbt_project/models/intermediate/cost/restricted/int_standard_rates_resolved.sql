{#- Whether the pay of a group may be known as a mean: enough people, nobody who could work out another's pay closely,
nobody who is most of it (quality/disclosure.py says the same in Python). -#}
{%- set is_safe -%}
count(*) >= 5
    and 100 * (sum(pay) - max(case when pay_rank <= 1 then pay end)
        - coalesce(max(case when pay_rank = 2 then pay end), 0))
        >= 15 * max(case when pay_rank <= 1 then pay end)
    and 2 * max(case when pay_rank <= 1 then pay end) <= sum(pay)
    and 4 * (max(case when pay_rank <= 1 then pay end) + coalesce(max(case when pay_rank = 2 then pay end), 0))
        <= 3 * sum(pay)
{%- endset -%}
{%- set r20 = [100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900] -%}
-- What a paid day costs by standard: the mean of a group of functions whose pay may be known as a mean, on the nearest
-- step of the series R20 of ISO 3, so wide that neither two years nor two groups can be subtracted. Of the fiscal year
-- before; of the year itself where the function was in no such group then.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),

-- Who is paid nothing hides nobody.
paid as (
    select
        periods.fiscal_year, lower(days.function_name) as function_name, days.worker_id,
        sum({{ whole('days.yearly_pay_minor') }} * days.paid_thousandths) as pay,
        sum(days.paid_thousandths) as paid_thousandths
    from fct_worker_day as days
    inner join int_fiscal_periods_begun as periods on days.fiscal_period = periods.fiscal_period
    where days.is_head and days.yearly_pay_minor > 0 and days.paid_thousandths > 0
    group by 1, 2, 3
),

-- Functions that are not safe have turn 0; those that are, the order in which they would join them.
functions as (
    select
        fiscal_year, function_name,
        case
            when is_safe
                then row_number() over (partition by fiscal_year, is_safe order by people, function_name)
            else 0
        end as turn
    from (
        select fiscal_year, function_name, count(*) as people, {{ is_safe }} as is_safe
        from (
            select
                *, row_number() over (partition by fiscal_year, function_name order by pay desc, worker_id) as pay_rank
            from paid
        ) as ranked
        group by fiscal_year, function_name
    ) as judged
),

-- How far the order must be followed until those that are not safe are safe together.
merged as (
    select fiscal_year, turn, {{ is_safe }} as is_safe
    from (
        select
            turns.fiscal_year, turns.turn, paid.worker_id, sum(paid.pay) as pay,
            row_number() over (
                partition by turns.fiscal_year, turns.turn order by sum(paid.pay) desc, paid.worker_id
            ) as pay_rank
        from (select distinct fiscal_year, turn from functions) as turns
        inner join functions on turns.fiscal_year = functions.fiscal_year and functions.turn <= turns.turn
        inner join paid
            on functions.fiscal_year = paid.fiscal_year and functions.function_name = paid.function_name
        group by turns.fiscal_year, turns.turn, paid.worker_id
    ) as ranked
    group by fiscal_year, turn
),

ends as (
    select
        functions.fiscal_year, min(functions.turn) = 0 as has_unsafe,
        min(case when merged.is_safe then merged.turn end) as last_turn
    from functions
    inner join merged on functions.fiscal_year = merged.fiscal_year and functions.turn = merged.turn
    group by functions.fiscal_year
),

-- In a year in which not even everybody together is safe no group is.
grouped as (
    select
        functions.fiscal_year, functions.function_name,
        case
            when ends.has_unsafe and functions.turn <= ends.last_turn then ' merged'
            else functions.function_name
        end as rate_group
    from functions
    inner join ends on functions.fiscal_year = ends.fiscal_year
    where not ends.has_unsafe or ends.last_turn is not null
),

-- To a millionth of a minor unit, a year of 365 days.
means as (
    select
        grouped.fiscal_year, grouped.rate_group,
        {{ half_even('sum(paid.pay) * 1000000', 'sum(paid.paid_thousandths) * 365') }} as mean_millionths
    from grouped
    inner join paid on grouped.fiscal_year = paid.fiscal_year and grouped.function_name = paid.function_name
    group by grouped.fiscal_year, grouped.rate_group
),

sizes as (
    {% for exponent in range(17) %}
    select {{ whole('1' ~ '0' * exponent) }} as size
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

steps as (
    {% for step in r20 %}
    {% set below, above = 90 if loop.first else loop.previtem, 1000 if loop.last else loop.nextitem %}
    select
        {{ whole(step) }} * sizes.size as step, {{ whole(below) }} * sizes.size as below,
        {{ whole(above) }} * sizes.size as above
    from sizes
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Nearest by ratio: at or above the geometric mean with the step below, below the one with the step above.
rates as (
    select
        grouped.fiscal_year, grouped.function_name, grouped.rate_group, cast(steps.step as bigint) as rate_millionths
    from grouped
    inner join means on grouped.fiscal_year = means.fiscal_year and grouped.rate_group = means.rate_group
    inner join steps
        on {{ whole('means.mean_millionths') }} * means.mean_millionths >= steps.below * steps.step
        and {{ whole('means.mean_millionths') }} * means.mean_millionths < steps.step * steps.above
),

years as (
    select fiscal_year, lag(fiscal_year) over (order by min(first_date)) as prior_fiscal_year
    from int_fiscal_periods_begun
    group by fiscal_year
)

select fiscal_year, function_name, rate_fiscal_year, rate_millionths
from (
    select
        years.fiscal_year, rates.function_name, rates.fiscal_year as rate_fiscal_year, rates.rate_millionths,
        row_number() over (
            partition by years.fiscal_year, rates.function_name
            order by case when rates.fiscal_year = years.prior_fiscal_year then 0 else 1 end
        ) as place
    from years
    inner join rates on rates.fiscal_year in (years.fiscal_year, years.prior_fiscal_year)
) as candidates
where place = 1
