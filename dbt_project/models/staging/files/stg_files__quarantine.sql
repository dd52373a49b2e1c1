-- The rest of each stream is served without these.
{{ quarantined('files', [
    'products', 'product_map', 'teams', 'customers', 'customer_map', 'segments', 'markets', 'worker_map', 'policy',
]) }}
