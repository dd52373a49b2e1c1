-- What QuickBooks' general ledger says, with what the document adds: whom it is for, its line, its words. A posting
-- finds its line by account, class and amount; where the report sums lines up, it has what the whole document says.
with stg_quickbooks__ledger_postings as (select * from {{ ref('stg_quickbooks__ledger_postings') }}),
stg_quickbooks__names as (select * from {{ ref('stg_quickbooks__names') }}),
stg_files__fiscal_periods as (select * from {{ ref('stg_files__fiscal_periods') }}),
int_postings_derived as (select * from {{ ref('int_postings_derived') }}),
stg_quickbooks__documents as (select * from {{ ref('stg_quickbooks__documents') }}),

-- Ids are one sequence for all types in the companies seen; an id that two documents have is nobody's.
documents as (
    select
        document_id, posting_date, min(document_type) as document_type, max(customer_id) as customer_id,
        max(vendor_id) as vendor_id, max(is_voided) as is_voided
    from stg_quickbooks__documents
    group by document_id, posting_date
    having count(*) = 1
),

names as (
    {% for stream, column in [('classes', 'class'), ('departments', 'department')] %}
    select '{{ column }}' as kind, full_name, min(name_id) as name_id
    from stg_quickbooks__names
    where stream = '{{ stream }}'
    group by full_name
    having count(*) = 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Of an id that a customer and a vendor have nobody knows whose it is.
parties as (
    select
        name_id, max(case when stream = 'customers' then name_id end) as customer_id,
        max(case when stream = 'vendors' then name_id end) as vendor_id
    from stg_quickbooks__names
    where stream in ('customers', 'vendors')
    group by name_id
    having count(*) = 1
),

postings as (
    select
        postings.*, coalesce(postings.class_id, classes.name_id) as known_class_id,
        coalesce(postings.department_id, departments.name_id) as known_department_id
    from stg_quickbooks__ledger_postings as postings
    left join names as classes on classes.kind = 'class' and postings.class_name = classes.full_name
    left join names as departments
        on departments.kind = 'department' and postings.department_name = departments.full_name
),

ranked as (
    select
        *,
        row_number() over (
            partition by document_id, posting_date order by account_id, known_class_id, amount_minor, description
        ) as posting_number,
        row_number() over (
            partition by document_id, posting_date, account_id, known_class_id, amount_minor order by description
        ) as same_number
    from postings
),

derived as (
    select
        *,
        row_number() over (
            partition by document_id, posting_date, account_id, class_id, amount_home_minor order by side, line_id
        ) as same_number
    from int_postings_derived
)

select
    coalesce(ranked.document_id, 'none') || '/' || ranked.posting_date || '/' || ranked.posting_number as gl_line_id,
    coalesce(documents.document_type, ranked.type_label) as document_type,
    ranked.document_id,
    ranked.type_label,
    documents.document_id is not null as has_document,
    ranked.posting_number,
    derived.line_id,
    ranked.document_number,
    ranked.posting_date,
    periods.fiscal_period,
    ranked.account_id,
    ranked.known_class_id as class_id,
    ranked.known_department_id as department_id,
    coalesce(derived.customer_id, documents.customer_id, parties.customer_id) as customer_id,
    coalesce(derived.vendor_id, documents.vendor_id, parties.vendor_id) as vendor_id,
    coalesce(derived.description, ranked.description) as description,
    ranked.amount_minor as amount_home_minor,
    ranked.currency as home_currency,
    coalesce(documents.is_voided, false) as is_voided,
    ranked.load_id
from ranked
left join documents on ranked.document_id = documents.document_id and ranked.posting_date = documents.posting_date
left join derived
    on documents.document_type = derived.document_type and ranked.document_id = derived.document_id
    and ranked.posting_date = derived.posting_date and ranked.account_id = derived.account_id
    and ranked.known_class_id is not distinct from derived.class_id
    and ranked.amount_minor = derived.amount_home_minor and ranked.same_number = derived.same_number
left join parties on documents.document_id is null and ranked.name_id = parties.name_id
left join stg_files__fiscal_periods as periods
    on ranked.posting_date between periods.first_date and periods.last_date
