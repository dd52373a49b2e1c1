{{ typed_records([
    {'name': 'home_currency', 'path': '$.CurrencyPrefs.HomeCurrency.value', 'type': 'currency', 'required': true},
    {'name': 'is_multi_currency', 'path': '$.CurrencyPrefs.MultiCurrencyEnabled', 'type': 'boolean'},
    {'name': 'book_close_date', 'path': '$.AccountingInfoPrefs.BookCloseDate', 'type': 'date'},
    {'name': 'has_class_on_lines', 'path': '$.AccountingInfoPrefs.ClassTrackingPerTxnLine', 'type': 'boolean'},
    {'name': 'has_class_on_documents', 'path': '$.AccountingInfoPrefs.ClassTrackingPerTxn', 'type': 'boolean'},
    {'name': 'has_departments', 'path': '$.AccountingInfoPrefs.TrackDepartments', 'type': 'boolean'},
    {'name': 'shipping_account_id', 'path': '$.SalesFormsPrefs.DefaultShippingAccount', 'type': 'key'},
    {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp'},
]) }}
