{{ ranged_rows('base_bamboohr__job_info', job_info_columns()) }}
