{{ typed_records(document_columns()) }}
