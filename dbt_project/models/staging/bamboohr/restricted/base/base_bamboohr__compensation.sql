{{ typed_records(compensation_columns()) }}
