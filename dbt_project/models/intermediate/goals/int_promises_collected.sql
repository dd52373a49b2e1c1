-- What somebody wrote into the file, and dates of versions as issues said them when they were read: of a version that
-- gets another date later, the date that stood when an epic came into it is a promise, and so is each later one since
-- it was read. A version without a date promises nothing.
with int_epic_keys_collected as (select * from {{ ref('int_epic_keys_collected') }}),
stg_files__promises as (select * from {{ ref('stg_files__promises') }}),
stg_jira__changelog_items as {{ inlined() }} (select * from {{ ref('stg_jira__changelog_items') }}),
stg_jira__fix_versions as (select * from {{ ref('stg_jira__fix_versions') }}),
stg_jira__issues as {{ inlined() }} (select * from {{ ref('stg_jira__issues') }}),

epics as (
    select issue_id, created_at from stg_jira__issues where is_epic
),

-- Dates of a version over all issues that ever said one.
said as (
    select version_id, release_date, read_at from stg_jira__fix_versions group by version_id, release_date, read_at
),

changed as (
    select
        *, lag(release_date) over history is distinct from release_date or row_number() over history = 1 as is_new
    from said
    window history as (partition by version_id order by read_at, release_date)
),

dates as (
    select
        version_id, release_date, read_at as valid_from,
        lead(read_at) over (partition by version_id order by read_at, release_date) as valid_to
    from changed
    where is_new
),

moves as (
    select
        items.issue_id, items.changed_at, items.history_number, items.item_number,
        coalesce(items.to_value, items.from_value) as version_id, items.to_value is not null as is_in
    from stg_jira__changelog_items as items
    inner join epics on items.issue_id = epics.issue_id
    where coalesce(items.field_id, '') = 'fixVersions' or items.field_name = 'Fix Version'
),

-- What an issue was made with is in no changelog: it says so, and the first move is out of it, if there is any.
turns as (
    select * from moves
    union all
    select distinct epics.issue_id, epics.created_at, cast(0 as bigint), cast(0 as bigint), said.version_id, true
    from (
        select issue_id, version_id from stg_jira__fix_versions
        union
        select issue_id, version_id from moves
    ) as said
    inner join epics on said.issue_id = epics.issue_id
    left join (
        select
            *,
            row_number() over (
                partition by issue_id, version_id order by changed_at, history_number, item_number
            ) as move_number
        from moves
    ) as firsts
        on said.issue_id = firsts.issue_id and said.version_id = firsts.version_id and firsts.move_number = 1
    where not coalesce(firsts.is_in, false)
),

stays as (
    select *, lead(changed_at) over history as valid_to
    from turns
    window history as (partition by issue_id, version_id order by changed_at, history_number, item_number)
)

select distinct
    keys.epic_id as item_id, promises.promise_id, promises.metric, promises.product_id, promises.feature_id,
    promises.promised_size, promises.size_kind, promises.promised_date, promises.registered_at
from stg_files__promises as promises
inner join int_epic_keys_collected as keys on promises.work_item_key = keys.epic_key
union all
select
    stays.issue_id, 'version ' || stays.version_id, null, null, null, null, null, dates.release_date,
    greatest(stays.changed_at, dates.valid_from)
from stays
inner join dates on stays.version_id = dates.version_id
where
    stays.is_in and dates.release_date is not null
    and stays.changed_at < coalesce(dates.valid_to, timestamp '9999-12-31 00:00:00')
    and dates.valid_from < coalesce(stays.valid_to, timestamp '9999-12-31 00:00:00')
