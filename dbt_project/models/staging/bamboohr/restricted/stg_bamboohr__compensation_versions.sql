{{ ranged_versions('base_bamboohr__compensation_versions', compensation_columns()) }}
