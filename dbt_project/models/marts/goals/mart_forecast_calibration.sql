with stg_forecasts__calibration_bins as (select * from {{ ref('stg_forecasts__calibration_bins') }}),
int_files_clocks_read as (select * from {{ ref('int_files_clocks_read') }})

select
    bins.age = 'all' or bins.bin = 'all' as is_rollup,
    bins.as_of_date,
    true as is_complete,
    bins.age,
    bins.bin,
    bins.cycles,
    bins.forecasts,
    bins.said,
    bins.came,
    bins.brier as brier_score,
    bins.intervals,
    bins.inside as intervals_held,
    bins.reason,
    clock.data_as_of,
    clock.loaded_at
from stg_forecasts__calibration_bins as bins
cross join int_files_clocks_read as clock
