{{ config(materialized='table') }}

{{ stream_counts('bamboohr') }}
