{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'invoices') }}", post_hook="{{ close_landing('quickbooks', 'invoices') }}"
) }}

{{ typed_records('quickbooks', 'invoices', document_columns()) }}
