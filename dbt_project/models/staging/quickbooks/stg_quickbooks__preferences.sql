select
    record_id as company_id,
    home_currency,
    coalesce(is_multi_currency, false) as is_multi_currency,
    book_close_date,
    coalesce(has_class_on_lines, false) as has_class_on_lines,
    coalesce(has_class_on_documents, false) as has_class_on_documents,
    coalesce(has_departments, false) as has_departments,
    shipping_account_id,
    updated_at,
    load_id
from {{ ref('base_quickbooks__preferences') }}
where not is_deleted and quarantine_reason is null
