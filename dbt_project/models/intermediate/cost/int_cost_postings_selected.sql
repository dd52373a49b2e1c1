-- Cost is what account_map.csv says it is; of an account that it does not know, what the books themselves call cost or
-- expense: nobody's forgetting drops money. A period whose ledger does not tie is held back, whole.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
int_ledger_differences_found as (select * from {{ ref('int_ledger_differences_found') }}),
int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),
stg_files__overhead_types as (select * from {{ ref('stg_files__overhead_types') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }})

select
    lines.gl_line_id,
    lines.fiscal_period,
    lines.posting_date,
    lines.account_id,
    coalesce(maps.statement_group, 'UNMAPPED') as statement_group,
    case when maps.account_id is null then 'UNMAPPED' else maps.cost_type end as cost_type,
    lower({{ function_of('maps.function_name') }}) as account_function,
    types.cost_type is not null as is_overhead,
    case
        when maps.account_id is not null then coalesce(maps.cost_type = 'payroll', false)
        else {{ text_matches(
            "lower(coalesce(accounts.account_subtype, '') || ' ' || coalesce(accounts.full_name, ''))",
            'payroll|salar|wage|labou?r|bonus|compensation|pension'
        ) }}
    end as is_pay,
    lines.class_id,
    lines.vendor_id,
    lines.amount_home_minor as amount_minor,
    lines.home_currency as currency,
    rules.rules_version,
    lines.load_id
from fct_gl_line as lines
inner join stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
inner join int_allocation_rules_resolved as rules on lines.fiscal_period = rules.fiscal_period
left join stg_files__account_maps as maps
    on lines.account_id = maps.account_id and {{ valid_on('maps', 'lines.posting_date') }}
left join stg_files__overhead_types as types
    on rules.rules_version = types.rules_version and maps.cost_type = types.cost_type
where lines.amount_home_minor <> 0
    and not exists (
        select 1 from int_ledger_differences_found as differences
        where differences.fiscal_period = lines.fiscal_period
    )
    and case
        when maps.account_id is null
            then accounts.account_type in ('Cost of Goods Sold', 'Expense', 'Other Expense')
        else maps.statement_group in ('cost_of_revenue', 'operating_expense')
    end
