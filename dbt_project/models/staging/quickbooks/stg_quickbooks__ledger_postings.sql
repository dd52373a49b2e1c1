{{ config(
    materialized='incremental', incremental_strategy='append',
    pre_hook="{{ open_upstream('report_id', touched_ledgers(), rebuilt_with=['base_quickbooks__preferences']) }}",
    post_hook="{{ close_upstream(['base_quickbooks__general_ledgers', 'base_quickbooks__preferences']) }}"
) }}
-- Only answers that came or went are read again: what a period was before leaves with them. Columns are known by their
-- key: titles are words of the company's language. A row without a day is a balance that is brought forward; a row of
-- nothing that stands under no account links documents and posts nothing.
{% set keys = ['tx_date', 'txn_type', 'doc_num', 'name', 'memo', 'account_name', 'klass_name', 'dept_name'] %}
{% set amounts = ['debt_amt', 'credit_amt', 'debt_home_amt', 'credit_home_amt'] %}
with recursive stg_quickbooks__reports as (select * from {{ ref('stg_quickbooks__reports') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),
currencies as (select * from {{ ref('currencies') }}),

reports as (
    select report_id as report_key, currency, report_columns, report_rows, load_id
    from stg_quickbooks__reports
    where stream = 'general_ledgers' and report_id in ({{ touched_ledgers() }})
),

{{ nested_rows('lines', 'reports') }},

titles as (
    select
        reports.report_key, title.position,
        coalesce(
            {% for place in range(3) %}
            case
                when {{ json_text('title.element', "'$.MetaData[" ~ place ~ "].Name'") }} = 'ColKey'
                    then {{ json_text('title.element', "'$.MetaData[" ~ place ~ "].Value'") }}
            end,
            {% endfor %}
            {{ json_text('title.element', "'$.ColType'") }}
        ) as column_key
    from reports {{ json_array_elements('reports.report_columns', 'title') }}
),

places as (
    select
        report_key
        {% for key in keys + amounts %}
        , max(case when column_key = '{{ key }}' then position end) as {{ key }}
        {% endfor %}
    from titles
    group by report_key
),

-- A company of several currencies has the amounts of its books under the home keys only; the others are in the currency
-- of the document.
pairs as (
    select
        places.*,
        {% for side, word in [('debit', 'debt'), ('credit', 'credit')] %}
        coalesce(
            places.{{ word }}_home_amt, case when not preferences.is_multi_currency then places.{{ word }}_amt end
        ) as {{ side }}{{ ',' if not loop.last }}
        {% endfor %}
    from places
    left join stg_quickbooks__preferences as preferences on true
),

cells as (
    select
        report_key, heading_id,
        {{ json_array_texts(json_raw('element', "'$.ColData'"), '$.value') }} as words,
        {{ json_array_texts(json_raw('element', "'$.ColData'"), '$.id') }} as ids
    from lines
    where {{ json_raw('element', "'$.ColData'") }} is not null
),

named as (
    select
        cells.report_key,
        {% for name, what, key in [
            ('date_text', 'words', 'tx_date'), ('document_id', 'ids', 'txn_type'),
            ('type_label', 'words', 'txn_type'), ('document_number', 'words', 'doc_num'), ('name_id', 'ids', 'name'),
            ('description', 'words', 'memo'), ('row_account_id', 'ids', 'account_name'),
            ('class_id', 'ids', 'klass_name'), ('class_name', 'words', 'klass_name'),
            ('department_id', 'ids', 'dept_name'), ('department_name', 'words', 'dept_name'),
            ('debit_text', 'words', 'debit'), ('credit_text', 'words', 'credit'),
        ] %}
        nullif({{ list_item('cells.' ~ what, 'pairs.' ~ key) }}, '') as {{ name }},
        {% endfor %}
        cells.heading_id,
        pairs.debit is not null and pairs.credit is not null as has_pair
    from cells
    inner join pairs on cells.report_key = pairs.report_key
),

postings as (
    select
        named.*, coalesce(named.row_account_id, named.heading_id) as account_id,
        {{ from_text('named.date_text', 'date') }} as posting_date,
        {% for side in ['debit', 'credit'] %}
        case
            when named.{{ side }}_text is null then 0
            else {{ cell_minor('named.' ~ side ~ '_text', 'currencies') }}
        end as {{ side }}_minor,
        {% endfor %}
        reports.currency, reports.load_id
    from named
    inner join reports on named.report_key = reports.report_key
    left join currencies on reports.currency = currencies.currency
)

select
    report_key as report_id,
    document_id,
    type_label,
    document_number,
    posting_date,
    account_id,
    class_id,
    class_name,
    department_id,
    department_name,
    name_id,
    description,
    case when has_pair then cast(debit_minor - credit_minor as bigint) end as amount_minor,
    currency,
    load_id
from postings
where posting_date is not null
    and not (account_id is null and has_pair and debit_minor = 0 and credit_minor = 0)
