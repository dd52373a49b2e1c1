{{ ranged_rows('base_bamboohr__compensation', compensation_columns()) }}
