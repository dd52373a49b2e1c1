{% set line_columns = ['line_id', 'detail_type', 'posting_type', 'account_id', 'item_id', 'linked_type', 'linked_id',
    'class_id', 'department_id', 'customer_id', 'vendor_id', 'description'] %}
with stg_quickbooks__documents as (select * from {{ ref('stg_quickbooks__documents') }}),
currencies as {{ inlined() }} (select * from {{ ref('currencies') }}),
stg_quickbooks__document_lines as (select * from {{ ref('stg_quickbooks__document_lines') }}),
int_document_debts_located as (select * from {{ ref('int_document_debts_located') }}),
int_account_roles_resolved as {{ inlined() }} (select * from {{ ref('int_account_roles_resolved') }}),
stg_quickbooks__items as (select * from {{ ref('stg_quickbooks__items') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),

documents as (
    select
        document.*,
        -- Which way the lines of a document post: debits are positive. Entries of the journal say so line by line.
        case
            when is_transfer then -1
            when document_type in ('Invoice', 'SalesReceipt', 'Payment', 'Deposit', 'VendorCredit') then -1
            when document_type = 'Purchase' and is_credit then -1
            else 1
        end as direction,
        document_type in ('Invoice', 'CreditMemo', 'SalesReceipt', 'RefundReceipt') as is_sale,
        document_type in ('Payment', 'BillPayment') as is_settlement,
        case
            when document_type in ('Bill', 'VendorCredit', 'BillPayment') then 'payable'
            else 'receivable'
        end as owed_role,
        cast(
            exchange_rate * {{ power_of_ten('home.minor_unit_exponent - own.minor_unit_exponent') }} as decimal(38, 12)
        ) as factor
    from (
        select *, document_type in ('Transfer', 'CreditCardPaymentTxn') as is_transfer from stg_quickbooks__documents
    ) as document
    left join currencies as own on document.currency = own.currency
    left join currencies as home on document.home_currency = home.currency
),

-- Sums of the lines above and lines of mere text post nothing; of a bundle the lines within it post. A line of a
-- payment takes off what its document put there. Links call an expense by the way in which it was paid; of a document
-- that is gone, its kind alone says which way.
lines as (
    select
        lines.*, debts.account_id as owed_account_id, linked.factor as linked_factor,
        case
            when documents.document_type = 'JournalEntry' then case lines.posting_type
                when 'Debit' then 1
                when 'Credit' then -1
            end
            when documents.is_settlement
                then coalesce(
                    -debts.direction,
                    case
                        when lines.linked_type in ('CreditMemo', 'VendorCredit') then -documents.direction
                        else documents.direction
                    end
                )
            when lines.detail_type = 'DiscountLineDetail' then -documents.direction
            else documents.direction
        end as direction
    from stg_quickbooks__document_lines as lines
    inner join documents on lines.document_type = documents.document_type and lines.document_id = documents.document_id
    left join int_document_debts_located as debts
        on documents.is_settlement and documents.owed_role = debts.role and lines.linked_id = debts.document_id
        and (
            lines.linked_type = debts.document_type
            or debts.document_type = 'Purchase'
            and lines.linked_type not in ('{{ document_types().values() | join("', '") }}')
        )
    left join documents as linked
        on debts.document_type = linked.document_type and debts.document_id = linked.document_id
    where lines.detail_type is null
        or lines.detail_type not in ('SubTotalLineDetail', 'DescriptionOnly', 'GroupLineDetail')
),

-- Of a payment what it pays, of an entry of the journal by how much its debits are more than its credits.
sums as (
    select
        lines.document_type, lines.document_id,
        sum(lines.direction * documents.direction * lines.amount_minor) as amount_minor
    from lines
    inner join documents on lines.document_type = documents.document_type and lines.document_id = documents.document_id
    where documents.is_settlement or documents.document_type = 'JournalEntry'
    group by lines.document_type, lines.document_id
),

-- What posts and is no line: the account that stands against the lines, what a transfer takes, the tax, what was paid
-- on an invoice as it was written, what was kept of a deposit, and what is paid ahead of any document. Lines of the
-- journal are net: the tax on top is what they lack.
sides as (
    select
        document_type, document_id, 'line' as side, line_number, amount_minor, direction, has_more_links,
        owed_account_id, linked_factor, {{ line_columns | join(', ') }}
    from lines
    {% for side, amount, direction, condition in [
        (
            'header',
            'coalesce(documents.total_minor, documents.transferred_minor) - coalesce(documents.deposited_minor, 0)',
            '-documents.direction', "documents.document_type <> 'JournalEntry'"
        ),
        ('transfer', 'documents.transferred_minor', 'documents.direction', 'documents.is_transfer'),
        ('deposit', 'documents.deposited_minor', '-documents.direction', 'documents.deposited_minor <> 0'),
        ('cash back', 'documents.cash_back_minor', '-documents.direction', 'documents.cash_back_minor <> 0'),
        (
            'tax',
            "case documents.document_type when 'JournalEntry' then -sums.amount_minor else documents.tax_minor end",
            'documents.direction', 'documents.tax_minor <> 0'
        ),
        (
            'unapplied', 'documents.total_minor - coalesce(sums.amount_minor, 0)', 'documents.direction',
            'documents.is_settlement and documents.total_minor <> coalesce(sums.amount_minor, 0)'
        ),
    ] %}
    union all
    select
        documents.document_type, documents.document_id, '{{ side }}', 0, cast({{ amount }} as bigint),
        {{ direction }}, false, null, null
        {%- for _ in line_columns %}, cast(null as {{ dbt.type_string() }}){% endfor %}

    from documents
    left join sums on documents.document_type = sums.document_type and documents.document_id = sums.document_id
    where {{ condition }}
    {% endfor %}
),

sole as (
    select
        max(case when role = 'undeposited_funds' then account_id end) as undeposited_funds,
        max(case when role = 'sales_tax' then account_id end) as sales_tax
    from int_account_roles_resolved
),

placed as (
    select
        sides.document_type,
        sides.document_id,
        sides.side,
        sides.line_number,
        sides.line_id,
        sides.detail_type,
        sides.has_more_links,
        documents.is_settlement,
        documents.factor,
        sides.direction,
        case
            when sides.side = 'header' then case
                when sides.document_type in ('Invoice', 'CreditMemo', 'Bill', 'VendorCredit') then own.account_id
                when sides.document_type in ('SalesReceipt', 'RefundReceipt', 'Payment', 'Deposit')
                    then coalesce(documents.deposit_to_account_id, sole.undeposited_funds)
                when sides.document_type = 'BillPayment' then documents.paid_from_account_id
                when sides.document_type = 'Purchase' then documents.account_id
                when documents.is_transfer then documents.to_account_id
            end
            when sides.side = 'transfer' then documents.from_account_id
            when sides.side = 'tax' then case when documents.is_sale then sole.sales_tax end
            when sides.side = 'deposit' then coalesce(documents.deposit_to_account_id, sole.undeposited_funds)
            when sides.side = 'cash back' then documents.cash_back_account_id
            -- What is paid is relieved where it stands.
            when documents.is_settlement then coalesce(sides.owed_account_id, own.account_id)
            when sides.detail_type = 'SalesItemLineDetail'
                then coalesce(
                    sides.account_id, items.income_account_id,
                    -- A line of shipping names an item that there is none of.
                    case when sides.item_id = 'SHIPPING_ITEM_ID' then preferences.shipping_account_id end
                )
            when sides.detail_type = 'ItemBasedExpenseLineDetail'
                then case
                    when items.item_type = 'Inventory' then items.asset_account_id
                    else items.expense_account_id
                end
            when sides.document_type = 'Deposit'
                then coalesce(sides.account_id, case when sides.linked_id is not null then sole.undeposited_funds end)
            when sides.detail_type in ('DiscountLineDetail', 'AccountBasedExpenseLineDetail', 'JournalEntryLineDetail')
                then sides.account_id
        end as account_id,
        sides.amount_minor,
        -- Cash, receivables and payables belong to no class.
        case
            when sides.side = 'line' and not documents.is_settlement then coalesce(sides.class_id, documents.class_id)
        end as class_id,
        case
            when sides.document_type = 'JournalEntry' then sides.department_id
            else documents.department_id
        end as department_id,
        coalesce(sides.customer_id, documents.customer_id) as customer_id,
        coalesce(sides.vendor_id, documents.vendor_id) as vendor_id,
        sides.description,
        sides.linked_factor
    from sides
    inner join documents on sides.document_type = documents.document_type and sides.document_id = documents.document_id
    cross join sole
    left join stg_quickbooks__preferences as preferences on true
    left join stg_quickbooks__items as items on sides.item_id = items.item_id
    left join int_document_debts_located as own
        on sides.document_type = own.document_type and sides.document_id = own.document_id
        and documents.owed_role = own.role
)

select
    placed.document_type,
    placed.document_id,
    placed.side,
    placed.line_number,
    placed.line_id,
    placed.account_id,
    placed.direction * placed.amount_minor as amount_txn_minor,
    -- At the document's own rate; what stands against the lines is what they come to.
    case
        when placed.side <> 'header' then placed.direction * {{ half_up('placed.amount_minor * placed.factor') }}
    end as amount_home_minor,
    -- A payment takes off a receivable what the invoice put there: at the invoice's rate. Where that is deleted, its
    -- rate is gone with it.
    case
        when placed.is_settlement and placed.side <> 'header'
            then placed.direction * {{ half_up('placed.amount_minor * coalesce(placed.linked_factor, placed.factor)') }}
    end as relieved_home_minor,
    placed.class_id,
    placed.department_id,
    placed.customer_id,
    placed.vendor_id,
    placed.description,
    case
        when placed.direction is null then 'neither debit nor credit'
        when placed.amount_minor is null then 'amount: missing, or with more places than the currency has'
        when placed.factor is null then 'exchange rate: missing'
        when placed.side = 'unapplied' and placed.amount_minor < 0 then 'total: less than what it pays'
        when placed.is_settlement and placed.has_more_links then 'line: pays several documents at once'
        when placed.account_id is null then 'account: none to choose for ' || coalesce(placed.detail_type, placed.side)
        when accounts.account_id is null then 'account ' || placed.account_id || ': not in the chart of accounts'
    end as reject_reason
from placed
left join stg_quickbooks__accounts as accounts on placed.account_id = accounts.account_id
-- QuickBooks itself links a credit to an invoice by a payment of nothing, which goes to no account.
where placed.account_id is not null or placed.amount_minor is null or placed.amount_minor <> 0
