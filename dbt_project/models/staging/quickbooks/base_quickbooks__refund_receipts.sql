{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'refund_receipts') }}", post_hook="{{ close_landing('quickbooks', 'refund_receipts') }}"
) }}

{{ typed_records('quickbooks', 'refund_receipts', document_columns()) }}
