{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'vendors') }}", post_hook="{{ close_landing('quickbooks', 'vendors') }}"
) }}

{{ typed_records('quickbooks', 'vendors', name_columns()) }}
