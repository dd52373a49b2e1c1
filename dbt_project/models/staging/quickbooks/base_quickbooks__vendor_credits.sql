{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'vendor_credits') }}", post_hook="{{ close_landing('quickbooks', 'vendor_credits') }}"
) }}

{{ typed_records('quickbooks', 'vendor_credits', document_columns()) }}
