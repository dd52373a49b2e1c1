{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'customers') }}", post_hook="{{ close_landing('quickbooks', 'customers') }}"
) }}

{{ typed_records('quickbooks', 'customers', name_columns()) }}
