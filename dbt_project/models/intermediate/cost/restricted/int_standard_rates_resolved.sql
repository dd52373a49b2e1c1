{#- Whether a group's mean pay may be known: enough people, nobody who is most of it, nobody whose pay the second
largest could work out closely. -#}
{%- set first = 'max(case when pay_rank = 1 then pay end)' -%}
{%- set second = 'coalesce(max(case when pay_rank = 2 then pay end), 0)' -%}
{%- set is_safe -%}
count(*) >= 5
    and 2 * {{ first }} <= sum(pay) and 4 * ({{ first }} + {{ second }}) <= 3 * sum(pay)
    and 100 * (sum(pay) - {{ first }} - {{ second }}) >= 15 * {{ first }}
{%- endset -%}
{%- set r20 = [100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900] -%}
-- What a paid day costs by standard: the mean of a group of functions whose mean pay may be known, on the nearest step
-- of the series R20 of ISO 3, so wide that neither two years nor two groups can be subtracted. Of the fiscal year
-- before; of functions that had no rate then, of the year's own first periods by whose end they are safe. What begins
-- later waits for the next year, and no rate changes within its year but by late news.
with fct_worker_day as (select * from {{ ref('fct_worker_day') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),

-- Who is paid nothing hides nobody.
paid as (
    select
        periods.fiscal_year, periods.first_date, lower(days.function_name) as function_name, days.worker_id,
        sum({{ whole('days.yearly_pay_minor') }} * days.paid_thousandths) as pay,
        sum(days.paid_thousandths) as paid_thousandths
    from fct_worker_day as days
    inner join int_fiscal_periods_begun as periods on days.fiscal_period = periods.fiscal_period
    where days.is_head and days.yearly_pay_minor > 0 and days.paid_thousandths > 0 and periods.is_complete
    group by 1, 2, 3, 4
),

years as (
    select fiscal_year, lag(fiscal_year) over (order by min(first_date)) as prior_fiscal_year
    from int_fiscal_periods_begun
    group by fiscal_year
),

{% for source in ['before', 'own'] %}
{{ source }}_paid as (
    {% if source == 'before' %}
    select
        years.fiscal_year, paid.fiscal_year as made_of, paid.function_name, paid.worker_id, sum(paid.pay) as pay,
        sum(paid.paid_thousandths) as paid_thousandths
    from years
    inner join paid on years.prior_fiscal_year = paid.fiscal_year
    group by 1, 2, 3, 4
    {% else %}
    select
        paid.fiscal_year, ends.fiscal_period as made_of, paid.function_name, paid.worker_id, sum(paid.pay) as pay,
        sum(paid.paid_thousandths) as paid_thousandths
    from paid
    inner join int_fiscal_periods_begun as ends
        on paid.fiscal_year = ends.fiscal_year and paid.first_date <= ends.first_date and ends.is_complete
    left join before_grouped as known
        on paid.fiscal_year = known.fiscal_year and paid.function_name = known.function_name
    where known.function_name is null
    group by 1, 2, 3, 4
    {% endif %}
),

-- Functions that are not safe have turn 0; those that are, the order in which they join them if they must.
{{ source }}_functions as (
    select
        fiscal_year, made_of, function_name,
        case
            when is_safe
                then row_number() over (partition by fiscal_year, made_of, is_safe order by people, function_name)
            else 0
        end as turn
    from (
        select fiscal_year, made_of, function_name, count(*) as people, {{ is_safe }} as is_safe
        from (
            select
                *,
                row_number() over (
                    partition by fiscal_year, made_of, function_name order by pay desc, worker_id
                ) as pay_rank
            from {{ source }}_paid
        ) as ranked
        group by fiscal_year, made_of, function_name
    ) as judged
),

{{ source }}_turns as (
    select fiscal_year, made_of, turn, {{ is_safe }} as is_safe
    from (
        select
            turns.fiscal_year, turns.made_of, turns.turn, paid.worker_id, sum(paid.pay) as pay,
            row_number() over (
                partition by turns.fiscal_year, turns.made_of, turns.turn order by sum(paid.pay) desc, paid.worker_id
            ) as pay_rank
        from (select distinct fiscal_year, made_of, turn from {{ source }}_functions) as turns
        inner join {{ source }}_functions as functions
            on turns.fiscal_year = functions.fiscal_year and turns.made_of = functions.made_of
            and functions.turn <= turns.turn
        inner join {{ source }}_paid as paid
            on functions.fiscal_year = paid.fiscal_year and functions.made_of = paid.made_of
            and functions.function_name = paid.function_name
        group by turns.fiscal_year, turns.made_of, turns.turn, paid.worker_id
    ) as ranked
    group by fiscal_year, made_of, turn
),

-- Where not even all of them together are safe no group is.
{{ source }}_grouped as (
    select
        functions.fiscal_year, functions.made_of, functions.function_name,
        case
            when ends.first_turn = 0 and functions.turn <= ends.last_turn then ' together'
            else functions.function_name
        end as rate_group
    from {{ source }}_functions as functions
    inner join (
        select fiscal_year, made_of, min(turn) as first_turn, min(case when is_safe then turn end) as last_turn
        from {{ source }}_turns
        group by fiscal_year, made_of
    ) as ends
        on functions.fiscal_year = ends.fiscal_year and functions.made_of = ends.made_of
        and ends.last_turn is not null
),
{% endfor %}

-- To a millionth of a minor unit, a year of 365 days.
means as (
    {% for source in ['before', 'own'] %}
    select
        grouped.fiscal_year, grouped.made_of, grouped.rate_group,
        {{ half_even('sum(paid.pay) * 1000000', 'sum(paid.paid_thousandths) * 365') }} as mean_millionths
    from {{ source }}_grouped as grouped
    inner join {{ source }}_paid as paid
        on grouped.fiscal_year = paid.fiscal_year and grouped.made_of = paid.made_of
        and grouped.function_name = paid.function_name
    group by grouped.fiscal_year, grouped.made_of, grouped.rate_group
    {{ 'union all' if not loop.last }}
    {% endfor %}
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

grouped as (
    select fiscal_year, made_of, function_name, rate_group from before_grouped
    union all
    select fiscal_year, made_of, function_name, rate_group
    from (
        select own.*, dense_rank() over (partition by own.fiscal_year order by ends.first_date) as place
        from own_grouped as own
        inner join int_fiscal_periods_begun as ends on own.made_of = ends.fiscal_period
    ) as placed
    where place = 1
)

-- Nearest by ratio: at or above the geometric mean with the step below, below the one with the step above.
select
    grouped.fiscal_year,
    grouped.function_name,
    grouped.made_of,
    cast(steps.step as bigint) as rate_millionths
from grouped
inner join means
    on grouped.fiscal_year = means.fiscal_year and grouped.made_of = means.made_of
    and grouped.rate_group = means.rate_group
inner join steps
    on {{ whole('means.mean_millionths') }} * means.mean_millionths >= steps.below * steps.step
    and {{ whole('means.mean_millionths') }} * means.mean_millionths < steps.step * steps.above
