{% for stream, document_type in document_types().items() %}
select
    '{{ stream }}' as stream,
    '{{ document_type }}' as document_type,
    base.record_id as document_id,
    base.document_number,
    base.posting_date,
    coalesce(base.currency, preferences.home_currency) as currency,
    preferences.home_currency,
    -- What is in the currency of the books has no rate; some documents of that kind say 1. Some deposits in another one
    -- say what they came to instead.
    case
        when coalesce(base.currency, preferences.home_currency) = preferences.home_currency then 1
        when base.exchange_rate is null and base.total_amount <> 0
            then cast(base.total_home_amount / base.total_amount as decimal(18, 9))
        else base.exchange_rate
    end as exchange_rate,
    {{ exact_minor('base.total_amount', 'currencies') }} as total_minor,
    {{ exact_minor('base.total_tax', 'currencies') }} as tax_minor,
    {{ exact_minor('base.transferred_amount', 'currencies') }} as transferred_minor,
    {{ exact_minor('base.deposited_amount', 'currencies') }} as deposited_minor,
    base.lines,
    base.account_id,
    base.receivable_account_id,
    base.payable_account_id,
    base.deposit_to_account_id,
    coalesce(base.bank_account_id, base.card_account_id) as paid_from_account_id,
    coalesce(base.from_account_id, base.paying_account_id) as from_account_id,
    coalesce(base.to_account_id, base.paid_card_id) as to_account_id,
    coalesce(base.customer_id, case when base.entity_type = 'Customer' then base.entity_id end) as customer_id,
    coalesce(base.vendor_id, case when base.entity_type = 'Vendor' then base.entity_id end) as vendor_id,
    base.class_id,
    base.department_id,
    coalesce(base.is_credit, false) as is_credit,
    coalesce(base.total_amount, base.transferred_amount, 0) = 0
        and coalesce(base.private_note, '') like '%Voided%' as is_voided,
    base.created_at,
    base.updated_at,
    base.load_id
from {{ ref('base_quickbooks__' ~ stream) }} as base
left join {{ ref('stg_quickbooks__preferences') }} as preferences on true
left join {{ ref('currencies') }} as currencies
    on coalesce(base.currency, preferences.home_currency) = currencies.currency
where not base.is_deleted and base.quarantine_reason is null
{{ 'union all' if not loop.last }}
{% endfor %}
