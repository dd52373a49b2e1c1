{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'general_ledgers') }}", post_hook="{{ close_landing('quickbooks', 'general_ledgers') }}"
) }}

{{ typed_records('quickbooks', 'general_ledgers', report_columns()) }}
