-- A promise is what was known when work began; what was written down later is shown beside it and judges nothing. Work
-- on an epic begins with its own first step into progress, or with that of an item in it, whichever is earlier.
with dim_product as (select * from {{ ref('dim_product') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }}),
int_issue_epics_ranged as (select * from {{ ref('int_issue_epics_ranged') }}),
int_issue_statuses_ranged as (select * from {{ ref('int_issue_statuses_ranged') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_promises_collected as (select * from {{ ref('int_promises_collected') }}),
int_work_kinds_resolved as (select * from {{ ref('int_work_kinds_resolved') }}),
int_work_items_flowed as (select * from {{ ref('int_work_items_flowed') }}),
mart_epic_cost as (select * from {{ ref('mart_epic_cost') }}),
stg_forecasts__effect_estimates as (select * from {{ ref('stg_forecasts__effect_estimates') }}),
stg_files__read_days as (select * from {{ ref('stg_files__read_days') }}),
stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),

items as (
    select
        issue_id as item_id, issue_key as item_key, summary as item_name,
        case when hierarchy_level > 1 then 'initiative' else 'epic' end as item_level
    from stg_jira__issues as issues
    where is_epic
        and not exists (
            select 1 from int_work_kinds_resolved as kinds where kinds.issue_id = issues.issue_id and kinds.is_goal
        )
),

steps as (
    select
        statuses.*,
        lag(statuses.status_category) over (partition by statuses.issue_id order by statuses.change_number)
            as category_before
    from int_issue_statuses_ranged as statuses
    inner join items on statuses.issue_id = items.item_id
),

-- An epic that was opened again is not done; one that is done is since its last step into done.
own as (
    select
        issue_id as item_id,
        min(case when status_category = 'indeterminate' and is_undated is not true then valid_from end) as started_at,
        case
            when max(case when is_current then status_category end) = 'done'
                then max(
                    case when status_category = 'done' and category_before is distinct from 'done' then valid_from end
                )
        end as done_at
    from steps
    group by issue_id
),

-- Issues that were in it while in progress; an item that was begun elsewhere begins here when it comes. Each turn goes
-- one level up, from issues to epics, initiatives and two levels above these.
begun_0 as (
    select item_id, done_at, coalesce(started_at, done_at) as begun_at from own
),

{% for level in range(1, 5) %}
begun_{{ level }} as (
    select
        own.item_id, own.done_at,
        coalesce(
            least(own.started_at, min(
                case
                    when below.begun_at < coalesce(links.valid_to, timestamp '9999-12-31 00:00:00')
                        and coalesce(below.done_at > links.valid_from, true)
                        then greatest(below.begun_at, links.valid_from)
                end
            )),
            own.done_at
        ) as begun_at
    from own
    left join int_issue_epics_ranged as links on own.item_id = links.epic_id
    left join (
        select issue_id, first_started_at as begun_at, done_first_at as done_at from int_work_items_flowed
        union all
        select item_id, begun_at, done_at from begun_{{ level - 1 }}
    ) as below on links.issue_id = below.issue_id
    group by own.item_id, own.started_at, own.done_at
),
{% endfor %}

begun as (
    select
        items.*, cast({{ to_local('last.done_at', 'policy.reporting_time_zone') }} as date) as done_date,
        cast({{ to_local('last.begun_at', 'policy.reporting_time_zone') }} as date) as began_date,
        last.begun_at, last.done_at
    from items
    inner join begun_4 as last on items.item_id = last.item_id
    cross join int_policies_read as policy
),

promises as (
    select
        promises.*,
        coalesce(promises.registered_at <= begun.begun_at, true) as is_in_time,
        -- On the day on which it was done the plan is what happened.
        coalesce(
            cast({{ to_local('promises.registered_at', 'policy.reporting_time_zone') }} as date) < begun.done_date, true
        ) as is_before_done
    from int_promises_collected as promises
    inner join begun on promises.item_id = begun.item_id
    cross join int_policies_read as policy
),

-- Of what is promised again and again the last that was in time; the last of all that stood when it was done beside it.
chosen as (
    select
        *,
        row_number() over (
            partition by item_id, metric, product_id
            order by
                is_in_time desc, case when is_in_time then registered_at end desc nulls last, registered_at, promise_id
        ) as choice,
        first_value(case when is_before_done then promised_date end) over (
            partition by item_id, metric, product_id
            order by is_before_done desc, registered_at desc, promise_id
            rows between unbounded preceding and unbounded following
        ) as current_promised_date
    from promises
),

rows_of_items as (
    select
        begun.*, coalesce(chosen.promise_id, 'NONE') as promise_id, chosen.metric, chosen.registered_at,
        chosen.product_id, coalesce(chosen.feature_id, chosen.product_id) as feature_id, chosen.size_kind,
        case when chosen.is_in_time then chosen.promised_size end as promised_size,
        case when chosen.is_in_time then chosen.promised_date end as promised_date,
        case
            when chosen.promise_id is null then 'no_promise' when not chosen.is_in_time then 'registered_after_start'
        end as promise_reason,
        chosen.current_promised_date,
        today.as_of_date
    from begun
    cross join (select max(read_date) as as_of_date from stg_files__read_days) as today
    left join chosen on begun.item_id = chosen.item_id and chosen.choice = 1
),

costs as (
    select item_id, sum(cost) as cost_to_date, max(currency) as currency
    from (
        select epic_id as item_id, cost, currency from mart_epic_cost
        union all
        select initiative_id, cost, currency from mart_epic_cost
    ) as parts
    group by item_id
),

-- In the units of what was promised. Realised is the effect on those who have it, of the promise for all.
effects as (
    select
        rows_of_items.item_id, rows_of_items.promise_id,
        case
            when rows_of_items.metric is not null
                then coalesce(estimates.reason, case when estimates.promise_id is null then 'no_estimate' end)
        end as effect_reason,
        estimates.launched_date, estimates.account_groups, estimates.accounts, estimates.exposed_accounts,
        estimates.adopting_accounts, estimates.compared_exposed, estimates.compared_control,
        {% for name in ['effect', 'low', 'high', 'beyond_own_trend'] %}
        case when rows_of_items.size_kind = 'percent' then 100 else 1 end * estimates.{{ name }} as {{ name }},
        {% endfor %}
        case when rows_of_items.promised_size < 0 then -1 else 1 end as direction
    from rows_of_items
    left join stg_forecasts__effect_estimates as estimates on rows_of_items.promise_id = estimates.promise_id
),

clock as (
    {{ oldest_of(['int_jira_clocks_read', 'int_files_clocks_read']) }}
)

select
    rows_of_items.item_level = 'initiative' as is_rollup,
    rows_of_items.as_of_date,
    rows_of_items.done_date is not null as is_complete,
    rows_of_items.item_id,
    rows_of_items.item_key,
    rows_of_items.item_name,
    rows_of_items.item_level,
    case
        when rows_of_items.done_date is not null then 'done'
        when rows_of_items.began_date is not null then 'now'
        when rows_of_items.promised_date <= {{ dbt.dateadd('day', 91, 'rows_of_items.as_of_date') }} then 'next'
        else 'later'
    end as horizon,
    rows_of_items.began_date,
    rows_of_items.done_date,
    rows_of_items.promise_id,
    rows_of_items.registered_at,
    rows_of_items.promise_reason,
    rows_of_items.metric,
    rows_of_items.product_id,
    products.product_name,
    products.product_level,
    rows_of_items.feature_id,
    features.product_name as feature_name,
    cast(rows_of_items.promised_size as double) as promised_size,
    rows_of_items.size_kind,
    rows_of_items.promised_date,
    rows_of_items.current_promised_date,
    cast(
        case
            when rows_of_items.done_date is not null
                then {{ dbt.datediff('rows_of_items.promised_date', 'rows_of_items.done_date', 'day') }}
        end as bigint
    ) as days_late,
    cast(
        case
            when rows_of_items.done_date is null and rows_of_items.promised_date < rows_of_items.as_of_date
                then {{ dbt.datediff('rows_of_items.promised_date', 'rows_of_items.as_of_date', 'day') }}
        end as bigint
    ) as days_late_so_far,
    cast(
        case
            when rows_of_items.done_date is not null
                then {{ dbt.datediff('rows_of_items.current_promised_date', 'rows_of_items.done_date', 'day') }}
        end as bigint
    ) as days_late_against_current,
    effects.launched_date,
    effects.account_groups,
    effects.accounts,
    effects.exposed_accounts,
    {{ guarded('exposed_ratio', 'effects.exposed_accounts', 'effects.accounts', 'effects.accounts', 'no_accounts') }},
    effects.adopting_accounts,
    {{ guarded('adopting_ratio', 'effects.adopting_accounts', 'effects.exposed_accounts', 'effects.exposed_accounts',
        'no_accounts') }},
    effects.compared_exposed,
    effects.compared_control,
    effects.effect,
    effects.low as effect_low,
    effects.high as effect_high,
    effects.effect_reason,
    case when rows_of_items.metric is not null then effects.effect is not null end as is_identifiable,
    effects.beyond_own_trend,
    {{ guarded('realised_ratio', 'effects.effect * effects.exposed_accounts',
        '(cast(rows_of_items.promised_size as double) * effects.accounts)', none, 'no_promise',
        unless='effects.effect_reason') }},
    case
        when rows_of_items.promised_size is null then null
        when effects.effect is null then 'not_identifiable'
        when effects.direction * effects.effect >= effects.direction * rows_of_items.promised_size then 'reached'
        when rows_of_items.promised_size between effects.low and effects.high then 'not_excluded'
        else 'missed'
    end as effect_state,
    rows_of_items.promised_date <= rows_of_items.as_of_date as is_due,
    cast(costs.cost_to_date as decimal(38, 4)) as cost_to_date,
    costs.currency,
    clock.data_as_of,
    clock.loaded_at
from rows_of_items
cross join clock
cross join int_policies_read as policy
inner join effects on rows_of_items.item_id = effects.item_id and rows_of_items.promise_id = effects.promise_id
left join costs on rows_of_items.item_id = costs.item_id
left join dim_product as products on rows_of_items.product_id = products.product_id
left join dim_product as features on rows_of_items.feature_id = features.product_id
