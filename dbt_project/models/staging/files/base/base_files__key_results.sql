{{ typed_records(key_result_columns()) }}
