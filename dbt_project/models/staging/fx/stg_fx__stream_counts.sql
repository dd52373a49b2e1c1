{{ config(materialized='table') }}

{{ stream_counts('fx') }}
