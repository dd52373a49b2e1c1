-- What a slice is called: everybody, a segment or a market.
select 'all' as slice_type, 'ALL' as slice_value, 'All' as slice_name
union all
select 'segment', segment, segment_name from {{ ref('dim_segment') }}
union all
select 'market', market, market_name from {{ ref('dim_market') }}
