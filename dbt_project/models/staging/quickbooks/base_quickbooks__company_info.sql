{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'company_info') }}", post_hook="{{ close_landing('quickbooks', 'company_info') }}"
) }}

{{ typed_records('quickbooks', 'company_info', [
    {'name': 'company_name', 'path': '$.CompanyName', 'type': 'text'},
    {'name': 'country', 'path': '$.Country', 'type': 'key'},
    {'name': 'fiscal_year_start_month', 'path': '$.FiscalYearStartMonth', 'type': 'key', 'required': true},
    {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp'},
]) }}
