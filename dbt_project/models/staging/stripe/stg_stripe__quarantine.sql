-- The rest of each stream is served without these.
{{ quarantined('stripe', [
    'customers', 'products', 'prices', 'coupons', 'subscriptions', 'subscription_items', 'invoices', 'invoice_lines', 'invoice_payments',
    'invoice_items', 'credit_notes', 'credit_note_lines', 'charges', 'refunds', 'balance_transactions',
]) }}
