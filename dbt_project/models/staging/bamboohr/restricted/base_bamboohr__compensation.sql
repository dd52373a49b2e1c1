{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'compensation') }}", post_hook="{{ close_landing('bamboohr', 'compensation') }}"
) }}

{{ typed_records('bamboohr', 'compensation', compensation_columns()) }}
