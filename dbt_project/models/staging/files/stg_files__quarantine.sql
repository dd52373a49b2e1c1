-- The rest of each stream is served without these.
{{ quarantined('files', [
    'products', 'product_map', 'teams', 'customers', 'customer_map', 'segments', 'markets', 'worker_map', 'policy',
    'account_map', 'vendor_map', 'team_products', 'price_book', 'fx_plan', 'fiscal_periods', 'holidays', 'market_size', 'budget', 'okr_cycles',
    'objectives', 'key_results', 'key_result_targets', 'checkins', 'decisions',
]) }}
