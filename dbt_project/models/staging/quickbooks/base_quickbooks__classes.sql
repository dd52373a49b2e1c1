{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'classes') }}", post_hook="{{ close_landing('quickbooks', 'classes') }}"
) }}

{{ typed_records('quickbooks', 'classes', name_columns()) }}
