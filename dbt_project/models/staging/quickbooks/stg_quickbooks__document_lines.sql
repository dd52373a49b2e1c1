{#- Where a line says what; of several places a line has at most one, by its DetailType. -#}
{% set places = {
    'line_id': ['Id'],
    'detail_type': ['DetailType'],
    'amount': ['Amount'],
    'description': ['Description'],
    'linked_type': ['LinkedTxn[0].TxnType'],
    'linked_id': ['LinkedTxn[0].TxnId'],
    'second_linked_id': ['LinkedTxn[1].TxnId'],
    'posting_type': ['JournalEntryLineDetail.PostingType'],
    'item_id': ['SalesItemLineDetail.ItemRef.value', 'ItemBasedExpenseLineDetail.ItemRef.value'],
    'account_id': [
        'SalesItemLineDetail.ItemAccountRef.value', 'DiscountLineDetail.DiscountAccountRef.value',
        'AccountBasedExpenseLineDetail.AccountRef.value',
        'DepositLineDetail.AccountRef.value', 'JournalEntryLineDetail.AccountRef.value',
    ],
    'class_id': [
        'SalesItemLineDetail.ClassRef.value', 'DiscountLineDetail.ClassRef.value',
        'AccountBasedExpenseLineDetail.ClassRef.value',
        'ItemBasedExpenseLineDetail.ClassRef.value', 'DepositLineDetail.ClassRef.value',
        'JournalEntryLineDetail.ClassRef.value',
    ],
    'department_id': ['JournalEntryLineDetail.DepartmentRef.value'],
    'entity_type': ['JournalEntryLineDetail.Entity.Type', 'DepositLineDetail.Entity.type'],
    'entity_id': ['JournalEntryLineDetail.Entity.EntityRef.value', 'DepositLineDetail.Entity.value'],
    'billed_customer_id': [
        'AccountBasedExpenseLineDetail.CustomerRef.value', 'ItemBasedExpenseLineDetail.CustomerRef.value'
    ],
} %}
{% set ns = namespace(paths=[]) %}
{% for found in places.values() %}{% for place in found %}{% set ns.paths = ns.paths + ['$.'
    ~ place] %}{% endfor %}{% endfor %}
with outer_lines as (
    select
        documents.document_type, documents.document_id, documents.currency, documents.load_id, line.position,
        line.element
    from {{ ref('stg_quickbooks__documents') }} as documents
    {{ json_array_elements('documents.lines', 'line') }}
),

-- A bundle has lines of its own, after which the document goes on.
all_lines as (
    select *, 0 as position_within from outer_lines
    union all
    select
        bundle.document_type, bundle.document_id, bundle.currency, bundle.load_id, bundle.position, line.element,
        line.position
    from (
        select *, {{ json_raw('element', "'$.GroupLineDetail.Line'") }} as lines_within from outer_lines
        where {{ json_text('element', "'$.DetailType'") }} = 'GroupLineDetail'
    ) as bundle {{ json_array_elements('bundle.lines_within', 'line') }}
),

lines as (
    select
        document_type, document_id, currency, load_id,
        row_number() over (
            partition by document_type, document_id order by position, position_within
        ) as position,
        {{ json_texts('element', ns.paths) }} as texts
    from all_lines
),

named as (
    select
        document_type, document_id, currency, load_id, position
        {% for name, found in places.items() %}
        ,
        nullif(
            coalesce(
                {% for place in found %}{{ list_item('texts',
                    ns.paths.index('$.' ~ place) + 1) }}{{ ', ' if not loop.last }}{% endfor %}
            ),
            ''
        ) as {{ name }}
        {% endfor %}
    from lines
)

select
    named.document_type,
    named.document_id,
    named.position as line_number,
    named.line_id,
    named.detail_type,
    {{ exact_minor('cast(named.amount as decimal(38, 4))', 'currencies') }} as amount_minor,
    named.description,
    named.posting_type,
    named.account_id,
    named.item_id,
    named.linked_type,
    named.linked_id,
    named.second_linked_id is not null as has_more_links,
    named.class_id,
    named.department_id,
    coalesce(
        named.billed_customer_id, case when lower(named.entity_type) = 'customer' then named.entity_id end
    ) as customer_id,
    case when lower(named.entity_type) = 'vendor' then named.entity_id end as vendor_id,
    named.load_id
from named
left join {{ ref('currencies') }} as currencies on named.currency = currencies.currency
