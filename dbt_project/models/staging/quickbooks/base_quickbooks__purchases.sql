{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'purchases') }}", post_hook="{{ close_landing('quickbooks', 'purchases') }}"
) }}

{{ typed_records('quickbooks', 'purchases', document_columns()) }}
