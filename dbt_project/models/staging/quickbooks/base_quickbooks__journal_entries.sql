{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'journal_entries') }}", post_hook="{{ close_landing('quickbooks', 'journal_entries') }}"
) }}

{{ typed_records('quickbooks', 'journal_entries', document_columns()) }}
