{{ ranged_rows('base_bamboohr__employment_statuses', employment_status_columns()) }}
