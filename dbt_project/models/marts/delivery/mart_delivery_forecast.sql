-- What is left of an epic is there with or without a forecast. A forecast of an epic that was closed since has no row.
with int_epics_counted as (select * from {{ ref('int_epics_counted') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
stg_forecasts__epic_forecasts as (select * from {{ ref('stg_forecasts__epic_forecasts') }}),
dim_product as (select * from {{ ref('dim_product') }}),
dim_team as (select * from {{ ref('dim_team') }})

select
    false as is_rollup,
    clock.local_date as as_of_date,
    true as is_complete,
    epics.epic_id,
    epics.epic_key,
    epics.epic_name,
    epics.product_id,
    products.product_name,
    products.product_level,
    products.portfolio_id,
    products.portfolio_name,
    case when epics.queue_type = 'team' then epics.queue_id else 'UNMAPPED' end as team_id,
    teams.team_name,
    case when epics.queue_type = 'project' then epics.queue_id end as project_key,
    epics.items_open,
    epics.items_open_elsewhere,
    epics.items_done,
    epics.due_date,
    forecasts.p50_date,
    forecasts.p85_date,
    forecasts.p95_date,
    cast({{ dbt.datediff('epics.due_date', 'forecasts.p85_date', 'day') }} as bigint) as days_late_p85,
    case when forecasts.epic_id is null then 'no_forecast' else forecasts.reason end as forecast_reason,
    coalesce(forecasts.is_calibrated, false) as is_calibrated,
    forecasts.history_weeks,
    forecasts.history_items,
    forecasts.trials,
    clock.data_as_of,
    clock.loaded_at
from int_epics_counted as epics
cross join int_jira_clocks_read as clock
left join stg_forecasts__epic_forecasts as forecasts on epics.epic_id = forecasts.epic_id
left join dim_product as products on epics.product_id = products.product_id
left join dim_team as teams
    on case when epics.queue_type = 'team' then epics.queue_id else 'UNMAPPED' end = teams.team_id
where epics.is_open
