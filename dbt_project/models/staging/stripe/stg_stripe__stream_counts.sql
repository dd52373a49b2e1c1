{{ config(materialized='table') }}

{{ stream_counts('stripe') }}
