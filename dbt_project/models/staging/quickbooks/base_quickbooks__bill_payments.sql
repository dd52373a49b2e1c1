{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'bill_payments') }}", post_hook="{{ close_landing('quickbooks', 'bill_payments') }}"
) }}

{{ typed_records('quickbooks', 'bill_payments', document_columns()) }}
