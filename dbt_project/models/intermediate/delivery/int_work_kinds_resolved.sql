{{ config(materialized='view') }}

-- Names say nothing by themselves: they are in the API user's language, and companies rename types. The company's file
-- says what a type or a resolution is, by its id before its name. A type that the file lacks is what Jira made it: the
-- name that Jira translates is that of a type that every site begins with. A label makes a goal of one issue, whatever
-- its type is; of one with both it makes a key result.
with stg_jira__issues as (select * from {{ ref('stg_jira__issues') }}),
stg_files__work_types as (select * from {{ ref('stg_files__work_types') }}),

types as (
    select type_key, kind from stg_files__work_types where mapped_source = 'jira' and object_type = 'issue_type'
),

labelled as (
    select issues.issue_id, min(types.kind) as kind
    from stg_jira__issues as issues
    {{ text_pieces('issues.labels', ' ', 'pieces') }}
    inner join stg_files__work_types as types
        on pieces.piece = types.type_key and types.mapped_source = 'jira' and types.object_type = 'label'
    group by issues.issue_id
),

resolutions as (
    select type_key, kind from stg_files__work_types where mapped_source = 'jira' and object_type = 'resolution'
),

resolved as (
    select
        issues.issue_id,
        coalesce(
            labelled.kind,
            types_by_id.kind,
            types_by_name.kind,
            types_by_own_name.kind,
            case issues.untranslated_type_name
                when 'Bug' then 'bug' when 'Story' then 'other' when 'Task' then 'other'
            end
        ) as type_kind,
        coalesce(resolutions_by_id.kind, resolutions_by_name.kind) as resolution_kind
    from stg_jira__issues as issues
    left join labelled on issues.issue_id = labelled.issue_id
    left join types as types_by_id on issues.issue_type_id = types_by_id.type_key
    left join types as types_by_name on issues.issue_type_name = types_by_name.type_key
    left join types as types_by_own_name on issues.untranslated_type_name = types_by_own_name.type_key
    left join resolutions as resolutions_by_id on issues.resolution_id = resolutions_by_id.type_key
    left join resolutions as resolutions_by_name on issues.resolution_name = resolutions_by_name.type_key
)

-- Goals that are kept in Jira are no work.
select *, coalesce(type_kind in ('objective', 'key_result'), false) as is_goal from resolved
