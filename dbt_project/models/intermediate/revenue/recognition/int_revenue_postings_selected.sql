-- Revenue is what account_map.csv says it is; of an account that it does not know, what the books themselves call
-- income: nobody's forgetting drops money. A period whose ledger does not tie is held back, whole.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
int_ledger_differences_found as (select * from {{ ref('int_ledger_differences_found') }}),
int_recognition_periods_ranged as (select * from {{ ref('int_recognition_periods_ranged') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }})

select
    lines.gl_line_id,
    lines.fiscal_period,
    periods.as_of_date,
    lines.posting_date,
    lines.account_id,
    maps.account_id is not null as is_account_mapped,
    lines.class_id,
    lines.customer_id,
    -lines.amount_home_minor as amount_minor,
    lines.home_currency as currency,
    lines.load_id
from fct_gl_line as lines
inner join stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
inner join int_recognition_periods_ranged as periods on lines.fiscal_period = periods.fiscal_period
left join stg_files__account_maps as maps
    on lines.account_id = maps.account_id and {{ valid_on('maps', 'lines.posting_date') }}
where lines.amount_home_minor <> 0
    and not exists (
        select 1 from int_ledger_differences_found as differences
        where differences.fiscal_period = lines.fiscal_period
    )
    and case
        when maps.account_id is null then accounts.account_type = 'Income'
        else maps.statement_group = 'revenue'
    end
