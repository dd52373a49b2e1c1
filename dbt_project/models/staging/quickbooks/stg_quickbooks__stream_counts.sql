{{ config(materialized='table') }}

{{ stream_counts('quickbooks') }}
