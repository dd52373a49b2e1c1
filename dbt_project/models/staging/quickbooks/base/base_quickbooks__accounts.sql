{{ typed_records([
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
