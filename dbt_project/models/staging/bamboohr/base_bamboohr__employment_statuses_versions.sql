{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_landing('bamboohr', 'employment_statuses') }}", post_hook="{{ close_landing('bamboohr', 'employment_statuses') }}"
) }}

{{ typed_records('bamboohr', 'employment_statuses', employment_status_columns(), every_version=true) }}
