-- The rest of each stream is served without these.
{{ quarantined('files', ['products', 'product_map', 'teams', 'policy']) }}
