with int_clocks_united as (select * from {{ ref('int_clocks_united') }}),
int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),
int_goals__issues as (select * from {{ ref('int_goals__issues') }}),
int_goals__key_results as (select * from {{ ref('int_goals__key_results') }}),
int_issue_links_resolved as (select * from {{ ref('int_issue_links_resolved') }}),
int_work_keys_measured as (select * from {{ ref('int_work_keys_measured') }}),
int_included_taxes_resolved as (select * from {{ ref('int_included_taxes_resolved') }}),
int_policies_read as (select * from {{ ref('int_policies_read') }}),
int_staff_controls_counted as (select * from {{ ref('int_staff_controls_counted') }}),
int_staff_coverages_counted as (select * from {{ ref('int_staff_coverages_counted') }}),
int_work_item_timestamps_attributed as (select * from {{ ref('int_work_item_timestamps_attributed') }}),
stg_files__capex_approvals as (select * from {{ ref('stg_files__capex_approvals') }}),
stg_files__goal_links as (select * from {{ ref('stg_files__goal_links') }}),
stg_files__promises as (select * from {{ ref('stg_files__promises') }}),
stg_files__checkins as (select * from {{ ref('stg_files__checkins') }}),
int_goals__key_result_versions as (select * from {{ ref('int_goals__key_result_versions') }}),
int_goals__objectives as (select * from {{ ref('int_goals__objectives') }}),

key_results as (
    select
        kr_id, max(case when is_edited then 1 else 0 end) as is_edited,
        max(case when is_removed then 1 else 0 end) as is_removed
    from int_goals__key_result_versions
    group by kr_id
),

items as (
    select
        issue_id,
        max(case when product_id <> 'UNMAPPED' then 1 else 0 end) as has_product,
        max(case when team_id <> 'UNMAPPED' then 1 else 0 end) as has_team
    from int_work_item_timestamps_attributed
    where timestamp_type = 'now'
    group by issue_id
),

-- What did not fit of what exists. People's pay is no figure here.
stream_counts as (
    {% for source_name in landed_streams() %}
    select * from {{ ref('stg_' ~ source_name ~ '__stream_counts') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

figures as (
    select
        'jira' as source, 'mapping_coverage' as metric_id, coalesce(sum(has_product), 0) as numerator,
        count(*) as denominator
    from items
    union all
    select 'jira', 'team_coverage', coalesce(sum(has_team), 0), count(*) from items
    {% for object_type in ['issue_type', 'resolution'] %}
    union all
    select 'jira', '{{ object_type }}_coverage', coalesce(sum(uses - unmapped_uses), 0), coalesce(sum(uses), 0)
    from int_work_keys_measured
    where map_file = 'work_types' and object_type = '{{ object_type }}'
    {% endfor %}
    {% for model, source in [
        ('int_issue_histories_checked', 'jira'), ('int_events_checked', 'amplitude'),
        ('int_ledger_proofs_measured', 'quickbooks'),
    ] %}
    union all
    select '{{ source }}', metric_id, numerator, denominator from {{ ref(model) }}
    {% endfor %}
    union all
    select 'files', 'capex_epic_coverage', count(keys.epic_key), count(*)
    from stg_files__capex_approvals as approvals
    left join (select distinct epic_key from int_epic_keys_collected) as keys on approvals.epic_key = keys.epic_key
    {% for metric, column in {'edited_targets': 'is_edited', 'removed_key_results': 'is_removed'}.items() %}
    union all
    select 'files', '{{ metric }}', coalesce(sum({{ column }}), 0), count(*) from key_results
    {% endfor %}
    union all
    select 'files', 'checkins_without_key_result', count(case when key_results.kr_id is null then 1 end), count(*)
    from stg_files__checkins as checkins
    left join key_results on checkins.kr_id = key_results.kr_id
    union all
    select
        'files', 'checkins_out_of_cycle',
        count(
            case
                when checkins.checkin_date < results.first_date
                    or {{ dbt.datediff('results.end_date', 'checkins.checkin_date', 'day') }} >= policy.okr_grading_days
                    then 1
            end
        ),
        count(*)
    from stg_files__checkins as checkins
    inner join int_goals__key_results as results on checkins.kr_id = results.key_result_id
    cross join int_policies_read as policy
    union all
    select
        'files', 'goal_link_coverage', count(case when results.key_result_id is not null then keys.epic_key end),
        count(*)
    from stg_files__goal_links as links
    left join (select distinct epic_key from int_epic_keys_collected) as keys on links.work_item_key = keys.epic_key
    left join int_goals__key_results as results on links.key_result_id = results.key_result_id
    union all
    select 'jira', 'goal_issue_coverage', count(coalesce(objectives.objective_id, results.key_result_id)), count(*)
    from int_goals__issues as issues
    left join int_goals__objectives as objectives on issues.goal_id = objectives.objective_id
    left join int_goals__key_results as results on issues.goal_id = results.key_result_id
    having count(*) > 0
    union all
    select 'jira', 'link_type_coverage', count(case when direction <> 'unknown' then 1 end), count(*)
    from int_issue_links_resolved
    union all
    select 'files', 'promise_item_coverage', count(keys.epic_key), count(*)
    from stg_files__promises as promises
    left join (select distinct epic_key from int_epic_keys_collected) as keys on promises.work_item_key = keys.epic_key
    union all
    select 'stripe', 'tax_coverage', count(evidence), count(*)
    from int_included_taxes_resolved
    where is_tax_included
    {% for model, metrics in [
        ('int_billing_keys_measured', {'product_map': 'mapping_coverage', 'customer_map': 'account_coverage'}),
        ('int_ledger_keys_measured', {'product_map': 'mapping_coverage', 'account_map': 'ledger_coverage'}),
        ('int_staff_keys_measured', {'worker_map': 'worker_coverage', 'teams': 'team_coverage'}),
    ] %}
    {% for map_file, metric in metrics.items() %}
    union all
    select mapped_source, '{{ metric }}', sum(uses - unmapped_uses), sum(uses)
    from {{ ref(model) }}
    where map_file = '{{ map_file }}' and mapped_source <> 'jira'
    group by mapped_source
    {% endfor %}
    {% endfor %}
    {% for model, compared in controls().items() %}
    {% for control in compared.controls %}
    union all
    select '{{ compared.source }}', '{{ control }}', count(case when is_agreed then 1 end), count(*)
    from {{ ref(model) }}
    where control_id = '{{ control }}'
    {% endfor %}
    {% endfor %}
    union all
    select 'bamboohr', control_id, agreeing, compared from int_staff_controls_counted
    union all
    select 'bamboohr', metric_id, numerator, denominator from int_staff_coverages_counted
    union all
    select source, 'quarantine_' || stream, existing_quarantined, existing from stream_counts
    union all
    select source, 'future_records', sum(future_records), sum(existing)
    from stream_counts
    where future_records is not null
    group by source
)

select
    false as is_rollup,
    cast({{ to_local('clocks.loaded_at', 'policy.reporting_time_zone') }} as date) as as_of_date,
    true as is_complete,
    figures.source,
    figures.metric_id,
    cast(figures.numerator as bigint) as numerator,
    cast(figures.denominator as bigint) as denominator,
    cast(figures.numerator as double) / nullif(figures.denominator, 0) as ratio,
    clocks.closed_fiscal_period,
    clocks.data_as_of,
    clocks.loaded_at
from figures
inner join int_clocks_united as clocks on figures.source = clocks.source
cross join int_policies_read as policy
