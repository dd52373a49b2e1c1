{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'profit_and_loss_by_class') }}", post_hook="{{ close_landing('quickbooks', 'profit_and_loss_by_class') }}"
) }}

{{ typed_records('quickbooks', 'profit_and_loss_by_class', report_columns()) }}
