{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'bills') }}", post_hook="{{ close_landing('quickbooks', 'bills') }}"
) }}

{{ typed_records('quickbooks', 'bills', document_columns()) }}
