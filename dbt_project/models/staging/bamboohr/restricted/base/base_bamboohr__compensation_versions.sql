{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records(compensation_columns(), every_version=true) }}
