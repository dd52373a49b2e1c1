{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'sales_receipts') }}", post_hook="{{ close_landing('quickbooks', 'sales_receipts') }}"
) }}

{{ typed_records('quickbooks', 'sales_receipts', document_columns()) }}
