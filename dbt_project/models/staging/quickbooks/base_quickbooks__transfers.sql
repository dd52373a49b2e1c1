{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'transfers') }}", post_hook="{{ close_landing('quickbooks', 'transfers') }}"
) }}

{{ typed_records('quickbooks', 'transfers', document_columns()) }}
