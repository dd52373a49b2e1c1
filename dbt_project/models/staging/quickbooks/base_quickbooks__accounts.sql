{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='record_id',
    pre_hook="{{ open_landing('quickbooks', 'accounts') }}", post_hook="{{ close_landing('quickbooks', 'accounts') }}"
) }}

{{ typed_records('quickbooks', 'accounts', [
    {'name': 'account_name', 'path': '$.Name', 'type': 'text', 'required': true},
    {'name': 'full_name', 'path': '$.FullyQualifiedName', 'type': 'text'},
    {'name': 'account_number', 'path': '$.AcctNum', 'type': 'key'},
    {'name': 'classification', 'path': '$.Classification', 'type': 'key', 'required': true},
    {'name': 'account_type', 'path': '$.AccountType', 'type': 'key', 'required': true},
    {'name': 'account_subtype', 'path': '$.AccountSubType', 'type': 'key'},
    {'name': 'parent_account_id', 'path': '$.ParentRef.value', 'type': 'key'},
    {'name': 'currency', 'path': '$.CurrencyRef.value', 'type': 'currency'},
    {'name': 'is_active', 'path': '$.Active', 'type': 'boolean'},
    {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp'},
]) }}
