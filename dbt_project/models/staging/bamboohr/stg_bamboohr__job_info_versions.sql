{{ ranged_versions('base_bamboohr__job_info_versions', job_info_columns()) }}
