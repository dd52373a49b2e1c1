{{ config(materialized='table') }}
-- A section that has an id is an account with others below it: its own figures stand in its header. Summaries repeat
-- figures and are left out.
with recursive reports as (
    -- Reports of one period have one id.
    select *, stream || ' ' || report_id as report_key
    from {{ ref('stg_quickbooks__reports') }}
    where stream in ('trial_balances', 'profit_and_loss_by_class')
),

{{ nested_rows('lines', 'reports') }},

rows_of_accounts as (
    select
        report_key,
        coalesce(
            {{ json_text('element', "'$.ColData[0].id'") }}, {{ json_text('element', "'$.Header.ColData[0].id'") }}
        ) as account_id,
        coalesce({{ json_raw('element', "'$.ColData'") }}, {{ json_raw('element', "'$.Header.ColData'") }}) as cells
    from lines
),

cells as (
    select
        rows_of_accounts.report_key, rows_of_accounts.account_id, cell.position,
        nullif({{ json_text('cell.element', "'$.value'") }}, '') as cell_text
    from rows_of_accounts {{ json_array_elements('rows_of_accounts.cells', 'cell') }}
    where nullif(rows_of_accounts.account_id, '') is not null and cell.position > 1
),

titles as (
    select
        reports.report_key, title.position,
        {{ json_text('title.element', "'$.ColTitle'") }} as column_title,
        {{ json_text('title.element', "'$.MetaData[0].Value'") }} as column_key
    from reports {{ json_array_elements('reports.report_columns', 'title') }}
)

select
    reports.stream,
    reports.report_id,
    cells.account_id,
    cells.position as column_number,
    titles.column_title,
    titles.column_key,
    cells.cell_text,
    {{ cell_minor('cells.cell_text', 'currencies') }} as amount_minor,
    reports.currency
from cells
inner join reports on cells.report_key = reports.report_key
inner join titles on cells.report_key = titles.report_key and cells.position = titles.position
left join {{ ref('currencies') }} as currencies on reports.currency = currencies.currency
where cells.cell_text is not null
