{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'trial_balances') }}", post_hook="{{ close_landing('quickbooks', 'trial_balances') }}"
) }}

{{ typed_records('quickbooks', 'trial_balances', report_columns()) }}
