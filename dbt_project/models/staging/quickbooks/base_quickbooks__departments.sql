{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'departments') }}", post_hook="{{ close_landing('quickbooks', 'departments') }}"
) }}

{{ typed_records('quickbooks', 'departments', name_columns()) }}
