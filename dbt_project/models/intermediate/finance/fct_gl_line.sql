select
    postings.document_type || '/' || postings.document_id || '/' || postings.posting_number as gl_line_id,
    postings.document_type,
    postings.document_id,
    postings.posting_number,
    postings.side,
    postings.line_id,
    postings.document_number,
    postings.posting_date,
    periods.fiscal_period,
    postings.account_id,
    postings.class_id,
    postings.department_id,
    postings.customer_id,
    postings.vendor_id,
    postings.description,
    postings.amount_txn_minor,
    postings.currency,
    postings.amount_home_minor,
    postings.home_currency,
    postings.is_voided,
    postings.load_id
from {{ ref('int_postings_derived') }} as postings
left join {{ ref('stg_files__fiscal_periods') }} as periods
    on postings.posting_date between periods.first_date and periods.last_date
where postings.reject_reason is null
