{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records(job_info_columns(), every_version=true) }}
