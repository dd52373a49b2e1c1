select market, market_name, region from {{ ref('stg_files__markets') }}
union all
select 'UNMAPPED', 'Unmapped', null
