-- Counts are all that the checks read of pay.
{{ config(materialized='table') }}

{{ stream_counts('bamboohr', restricted=true) }}
