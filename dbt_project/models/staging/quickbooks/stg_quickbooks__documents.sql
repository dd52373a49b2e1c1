{% for stream, document_type in document_types().items() %}
select
    '{{ stream }}' as stream,
    '{{ document_type }}' as document_type,
    base.record_id as document_id,
    base.document_number,
    base.posting_date,
    base.own_currency as currency,
    base.home_currency,
    -- What is in the currency of the books has no rate; some documents of that kind say 1. Some deposits in another one
    -- say what they came to instead.
    case
        when base.own_currency = base.home_currency then 1
        when base.exchange_rate is null and base.total_amount <> 0
            then cast(base.total_home_amount / base.total_amount as decimal(18, 9))
        else base.exchange_rate
    end as exchange_rate,
    {{ exact_minor('base.total_amount', 'currencies') }} as total_minor,
    {{ exact_minor('base.total_tax', 'currencies') }} as tax_minor,
    {{ exact_minor('base.transferred_amount', 'currencies') }} as transferred_minor,
    {{ exact_minor('base.deposited_amount', 'currencies') }} as deposited_minor,
    {{ exact_minor('base.cash_back_amount', 'currencies') }} as cash_back_minor,
    base.lines,
    base.account_id,
    base.receivable_account_id,
    base.payable_account_id,
    base.deposit_to_account_id,
    base.cash_back_account_id,
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
from (
    select
        reported.*, preferences.home_currency,
        -- What a revaluation adjusts is in the currency of the books, whichever one it is about.
        case
            when coalesce(reported.is_home_adjustment, false) then preferences.home_currency
            else coalesce(reported.currency, preferences.home_currency)
        end as own_currency
    from {{ ref('base_quickbooks__' ~ stream) }} as reported
    left join {{ ref('stg_quickbooks__preferences') }} as preferences on true
    where not reported.is_deleted and reported.quarantine_reason is null
) as base
left join {{ ref('currencies') }} as currencies on base.own_currency = currencies.currency
{{ 'union all' if not loop.last }}
{% endfor %}
