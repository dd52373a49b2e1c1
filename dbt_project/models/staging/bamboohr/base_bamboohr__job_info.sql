{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('bamboohr', 'job_info') }}", post_hook="{{ close_landing('bamboohr', 'job_info') }}"
) }}

{{ typed_records('bamboohr', 'job_info', job_info_columns()) }}
