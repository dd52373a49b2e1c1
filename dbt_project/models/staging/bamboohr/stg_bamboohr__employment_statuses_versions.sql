{{ ranged_versions('base_bamboohr__employment_statuses_versions', employment_status_columns()) }}
