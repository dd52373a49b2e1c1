select segment, segment_name from {{ ref('stg_files__segments') }}
union all
select 'UNMAPPED', 'Unmapped'
