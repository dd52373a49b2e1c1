{{ typed_records(report_columns()) }}
