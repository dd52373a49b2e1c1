{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_landing('bamboohr', 'compensation') }}", post_hook="{{ close_landing('bamboohr', 'compensation') }}"
) }}

{{ typed_records('bamboohr', 'compensation', compensation_columns(), every_version=true) }}
