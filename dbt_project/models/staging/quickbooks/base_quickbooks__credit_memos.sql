{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'credit_memos') }}", post_hook="{{ close_landing('quickbooks', 'credit_memos') }}"
) }}

{{ typed_records('quickbooks', 'credit_memos', document_columns()) }}
