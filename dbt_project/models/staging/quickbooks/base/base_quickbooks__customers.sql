{{ typed_records(name_columns()) }}
