{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'deposits') }}", post_hook="{{ close_landing('quickbooks', 'deposits') }}"
) }}

{{ typed_records('quickbooks', 'deposits', document_columns()) }}
