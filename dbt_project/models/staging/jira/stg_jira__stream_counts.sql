{{ config(materialized='table') }}

{{ stream_counts('jira') }}
