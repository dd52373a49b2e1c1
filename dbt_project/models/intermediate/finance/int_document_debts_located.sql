-- Where a document puts what is owed by it, or takes it off: a payment relieves that account, whatever kind of document
-- it pays. Entries of the journal, expenses and deposits owe by a line on such an account.
with stg_quickbooks__documents as (select * from {{ ref('stg_quickbooks__documents') }}),
stg_quickbooks__document_lines as (select * from {{ ref('stg_quickbooks__document_lines') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
int_account_roles_resolved as {{ inlined() }} (select * from {{ ref('int_account_roles_resolved') }}),

kinds as (
    {% for document_type, role, direction in [
        ('Invoice', 'receivable', 1), ('CreditMemo', 'receivable', -1), ('Payment', 'receivable', -1),
        ('Bill', 'payable', -1), ('VendorCredit', 'payable', 1), ('BillPayment', 'payable', 1),
    ] %}
    select '{{ document_type }}' as document_type, '{{ role }}' as role, {{ direction }} as direction
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

debts as (
    select
        documents.document_type, documents.document_id, kinds.role, kinds.direction,
        coalesce(documents.receivable_account_id, documents.payable_account_id, roles.account_id) as account_id
    from stg_quickbooks__documents as documents
    inner join kinds on documents.document_type = kinds.document_type
    left join int_account_roles_resolved as roles
        on kinds.role = roles.role and documents.currency = roles.currency
    union all
    select
        lines.document_type, lines.document_id,
        case accounts.account_type when 'Accounts Receivable' then 'receivable' else 'payable' end,
        case
            when lines.document_type = 'Deposit' or lines.posting_type = 'Credit' or documents.is_credit then -1
            else 1
        end,
        lines.account_id
    from stg_quickbooks__document_lines as lines
    inner join stg_quickbooks__accounts as accounts
        on lines.account_id = accounts.account_id
        and accounts.account_type in ('Accounts Receivable', 'Accounts Payable')
    inner join stg_quickbooks__documents as documents
        on lines.document_type = documents.document_type and lines.document_id = documents.document_id
    where lines.document_type in ('JournalEntry', 'Purchase', 'Deposit')
)

select
    document_type,
    document_id,
    role,
    case when min(account_id) = max(account_id) then min(account_id) end as account_id,
    case when min(direction) = max(direction) then min(direction) end as direction
from debts
group by document_type, document_id, role
