{#
    What QuickBooks' records share.
    Belongs here: columns of documents, of lists of names and of reports, exact minor units. Does not: what a document
    posts (intermediate/finance).
#}

{# All kinds of documents have one shape here: what a kind does not have is null. Lines stay whole, as JSON. #}
{% macro document_columns() -%}
    {{ return([
        {'name': 'document_number', 'path': '$.DocNumber', 'type': 'key'},
        {'name': 'posting_date', 'path': '$.TxnDate', 'type': 'date', 'required': true},
        {'name': 'currency', 'path': '$.CurrencyRef.value', 'type': 'currency'},
        {'name': 'exchange_rate', 'path': '$.ExchangeRate', 'type': 'rate'},
        {'name': 'total_amount', 'path': '$.TotalAmt', 'type': 'amount'},
        {'name': 'total_home_amount', 'path': '$.HomeTotalAmt', 'type': 'amount'},
        {'name': 'deposited_amount', 'path': '$.Deposit', 'type': 'amount'},
        {'name': 'cash_back_amount', 'path': '$.CashBack.Amount', 'type': 'amount'},
        {'name': 'total_tax', 'path': '$.TxnTaxDetail.TotalTax', 'type': 'amount'},
        {'name': 'transferred_amount', 'path': '$.Amount', 'type': 'amount'},
        {'name': 'lines', 'path': '$.Line', 'type': 'list', 'each': [{'path': '$.Amount', 'type': 'amount'}]},
        {'name': 'account_id', 'path': '$.AccountRef.value', 'type': 'key'},
        {'name': 'receivable_account_id', 'path': '$.ARAccountRef.value', 'type': 'key'},
        {'name': 'payable_account_id', 'path': '$.APAccountRef.value', 'type': 'key'},
        {'name': 'deposit_to_account_id', 'path': '$.DepositToAccountRef.value', 'type': 'key'},
        {'name': 'cash_back_account_id', 'path': '$.CashBack.AccountRef.value', 'type': 'key'},
        {'name': 'bank_account_id', 'path': '$.CheckPayment.BankAccountRef.value', 'type': 'key'},
        {'name': 'card_account_id', 'path': '$.CreditCardPayment.CCAccountRef.value', 'type': 'key'},
        {'name': 'paying_account_id', 'path': '$.BankAccountRef.value', 'type': 'key'},
        {'name': 'paid_card_id', 'path': '$.CreditCardAccountRef.value', 'type': 'key'},
        {'name': 'from_account_id', 'path': '$.FromAccountRef.value', 'type': 'key'},
        {'name': 'to_account_id', 'path': '$.ToAccountRef.value', 'type': 'key'},
        {'name': 'customer_id', 'path': '$.CustomerRef.value', 'type': 'key'},
        {'name': 'vendor_id', 'path': '$.VendorRef.value', 'type': 'key'},
        {'name': 'entity_id', 'path': '$.EntityRef.value', 'type': 'key'},
        {'name': 'entity_type', 'path': '$.EntityRef.type', 'type': 'key'},
        {'name': 'class_id', 'path': '$.ClassRef.value', 'type': 'key'},
        {'name': 'department_id', 'path': '$.DepartmentRef.value', 'type': 'key'},
        {'name': 'is_credit', 'path': '$.Credit', 'type': 'boolean'},
        {'name': 'is_home_adjustment', 'path': '$.HomeCurrencyAdjustment', 'type': 'boolean'},
        {'name': 'private_note', 'path': '$.PrivateNote', 'type': 'text'},
        {'name': 'created_at', 'path': '$.MetaData.CreateTime', 'type': 'timestamp'},
        {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp', 'required': true},
    ]) }}
{%- endmacro %}

{# Classes, departments and items have a Name; customers, vendors and employees a DisplayName. #}
{% macro name_columns() -%}
    {{ return([
        {'name': 'list_name', 'path': '$.Name', 'type': 'text'},
        {'name': 'display_name', 'path': '$.DisplayName', 'type': 'text'},
        {'name': 'full_name', 'path': '$.FullyQualifiedName', 'type': 'text'},
        {'name': 'above_id', 'path': '$.ParentRef.value', 'type': 'key'},
        {'name': 'currency', 'path': '$.CurrencyRef.value', 'type': 'currency'},
        {'name': 'is_active', 'path': '$.Active', 'type': 'boolean'},
        {'name': 'updated_at', 'path': '$.MetaData.LastUpdatedTime', 'type': 'timestamp'},
    ]) }}
{%- endmacro %}

{# A report lands whole; one without figures has no rows. #}
{% macro report_columns() -%}
    {{ return([
        {'name': 'report_name', 'path': '$.Header.ReportName', 'type': 'key', 'required': true},
        {'name': 'first_date', 'path': '$.Header.StartPeriod', 'type': 'date', 'required': true},
        {'name': 'last_date', 'path': '$.Header.EndPeriod', 'type': 'date', 'required': true},
        {'name': 'basis', 'path': '$.Header.ReportBasis', 'type': 'key'},
        {'name': 'currency', 'path': '$.Header.Currency', 'type': 'currency'},
        {'name': 'reported_at', 'path': '$.Header.Time', 'type': 'timestamp'},
        {'name': 'report_columns', 'path': '$.Columns.Column', 'type': 'json'},
        {'name': 'report_rows', 'path': '$.Rows.Row', 'type': 'json'},
    ]) }}
{%- endmacro %}

{# Streams and the kinds of document as QuickBooks names them in LinkedTxn, or in answers. #}
{% macro document_types() -%}
    {{ return({
        'journal_entries': 'JournalEntry', 'invoices': 'Invoice', 'credit_memos': 'CreditMemo',
        'sales_receipts': 'SalesReceipt',
        'refund_receipts': 'RefundReceipt', 'payments': 'Payment', 'deposits': 'Deposit', 'transfers': 'Transfer',
        'bills': 'Bill',
        'vendor_credits': 'VendorCredit', 'bill_payments': 'BillPayment', 'purchases': 'Purchase',
        'credit_card_payments': 'CreditCardPaymentTxn',
    }) }}
{%- endmacro %}

{#
    Ten to the power of a small whole number, as a decimal: power() is a double. Between the minor units of any two
    currencies lie at most four places.
#}
{% macro power_of_ten(exponent) -%}
    case {{ exponent }}
        {% for n in range(-4, 5) %}when {{ n }} then cast(
            {{ '1' ~ '0' * n if n >= 0 else '0.' ~ '0' * (-n - 1) ~ '1' }} as decimal(38, 6)
        )
        {% endfor %}end
{%- endmacro %}

{# An amount in minor units of a currency; NULL where it has more places than the currency. #}
{% macro exact_minor(amount, currency) -%}
    {%- set minor = amount ~ ' * ' ~ power_of_ten(currency ~ '.minor_unit_exponent') -%}
    case when {{ minor }} = round({{ minor }}) then cast({{ minor }} as bigint) end
{%- endmacro %}

{# A decimal as whole minor units; halves go away from zero, as the books round them. #}
{% macro half_up(amount) -%} cast(round({{ amount }}) as bigint) {%- endmacro %}

{# The figure in a cell of a report, in minor units: QuickBooks leaves out the zero before the point (.50, -.50). #}
{% macro cell_minor(text, currency) -%}
    {%- set led = "case when " ~ text ~ " like '.%' then '0' || " ~ text ~ " else " ~ text ~ " end" -%}
    {%- set whole = "replace(" ~ led ~ ", '-.', '-0.')" -%}
    {{ exact_minor(from_text(whole, 'fine_decimal'), currency) }}
{%- endmacro %}
