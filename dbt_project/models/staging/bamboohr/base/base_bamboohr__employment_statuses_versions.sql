{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records(employment_status_columns(), every_version=true) }}
