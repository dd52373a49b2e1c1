{{ config(materialized='table') }}

{{ stream_counts('amplitude') }}
