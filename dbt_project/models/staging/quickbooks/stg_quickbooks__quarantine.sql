-- The rest of each stream is served without these.
{{ quarantined('quickbooks', [
    'company_info', 'preferences', 'accounts', 'classes', 'departments', 'customers', 'vendors', 'items', 'employees',
    'journal_entries', 'invoices', 'credit_memos', 'sales_receipts', 'refund_receipts', 'payments', 'deposits', 'transfers', 'bills',
    'vendor_credits', 'bill_payments', 'purchases', 'trial_balances', 'profit_and_loss_by_class', 'general_ledgers',
]) }}
