{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'payments') }}", post_hook="{{ close_landing('quickbooks', 'payments') }}"
) }}

{{ typed_records('quickbooks', 'payments', document_columns()) }}
