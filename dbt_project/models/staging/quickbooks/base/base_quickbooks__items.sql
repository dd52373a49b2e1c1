{{ typed_records([
    {'name': 'item_name', 'path': '$.Name', 'type': 'text', 'required': true},
    {'name': 'full_name', 'path': '$.FullyQualifiedName', 'type': 'text'},
    {'name': 'item_type', 'path': '$.Type', 'type': 'key'},
    {'name': 'income_account_id', 'path': '$.IncomeAccountRef.value', 'type': 'key'},
    {'name': 'expense_account_id', 'path': '$.ExpenseAccountRef.value', 'type': 'key'},
    {'name': 'asset_account_id', 'path': '$.AssetAccountRef.value', 'type': 'key'},
    {'name': 'is_active', 'path': '$.Active', 'type': 'boolean'},
    {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp'},
]) }}
