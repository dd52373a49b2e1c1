{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'employees') }}", post_hook="{{ close_landing('quickbooks', 'employees') }}"
) }}

{{ typed_records('quickbooks', 'employees', name_columns()) }}
