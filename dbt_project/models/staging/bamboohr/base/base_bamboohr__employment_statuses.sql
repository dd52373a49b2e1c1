{{ typed_records(employment_status_columns()) }}
