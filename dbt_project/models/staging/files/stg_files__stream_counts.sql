{{ config(materialized='table') }}

{{ stream_counts('files') }}
