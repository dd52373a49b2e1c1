{{ typed_records(job_info_columns()) }}
