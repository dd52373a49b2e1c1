with int_document_sides_valued as (select * from {{ ref('int_document_sides_valued') }}),
int_account_roles_resolved as (select * from {{ ref('int_account_roles_resolved') }}),
stg_quickbooks__documents as (select * from {{ ref('stg_quickbooks__documents') }}),

sides as (
    select
        sides.*,
        -- Each side of a document but its header has a value; the header is worth what they come to.
        sum(amount_home_minor) over (partition by document_type, document_id) as lines_home_minor,
        sum(relieved_home_minor - amount_home_minor) over (partition by document_type, document_id) as exchange_minor
    from int_document_sides_valued as sides
),

postings as (
    select
        document_type, document_id, side, line_number, line_id, account_id, amount_txn_minor,
        cast(
            case
                when side = 'header' then -coalesce(lines_home_minor, 0)
                else coalesce(relieved_home_minor, amount_home_minor)
            end as bigint
        ) as amount_home_minor,
        class_id, department_id, customer_id, vendor_id, description, reject_reason
    from sides
    union all
    -- Paid at another rate than billed: the cash is worth more, or less, than what it settles.
    select
        sides.document_type, sides.document_id, 'exchange', 0, null, roles.account_id, 0,
        cast(-sides.exchange_minor as bigint), null, sides.department_id, sides.customer_id, sides.vendor_id, null,
        case when roles.account_id is null then 'account: none to choose for gains and losses of exchange' end
    from sides
    left join int_account_roles_resolved as roles on roles.role = 'exchange'
    where sides.side = 'header' and sides.exchange_minor <> 0
)

select
    postings.document_type,
    postings.document_id,
    row_number() over (
        partition by postings.document_type, postings.document_id order by postings.side, postings.line_number
    ) as posting_number,
    postings.side,
    postings.line_id,
    documents.document_number,
    documents.posting_date,
    postings.account_id,
    postings.class_id,
    postings.department_id,
    postings.customer_id,
    postings.vendor_id,
    postings.description,
    postings.amount_txn_minor,
    documents.currency,
    postings.amount_home_minor,
    documents.home_currency,
    documents.is_voided,
    postings.reject_reason,
    documents.load_id
from postings
inner join stg_quickbooks__documents as documents
    on postings.document_type = documents.document_type and postings.document_id = documents.document_id
