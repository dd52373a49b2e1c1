-- All versions: a target that was edited in place was another one before, and a row that is gone was there.
{{ config(incremental_strategy='append', unique_key=none) }}

{{ typed_records(key_result_columns(), every_version=true) }}
