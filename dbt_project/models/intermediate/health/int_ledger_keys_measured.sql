{{ config(materialized='view') }}

-- Money is counted on both sides of zero: what was booked and taken back needed its key twice. What people are paid is
-- counted in postings alone: under a class of few people its sum would reveal their pay. A class is asked for only
-- where it alone can say the product: pay is shared out by people's time, and what serves the whole company by what
-- products cost (docs/metrics/cost.md); interest, taxes and exchange rates are no product's.
with fct_gl_line as (select * from {{ ref('fct_gl_line') }}),
stg_quickbooks__accounts as (select * from {{ ref('stg_quickbooks__accounts') }}),
stg_files__account_maps as (select * from {{ ref('stg_files__account_maps') }}),
stg_quickbooks__names as {{ inlined() }} (select * from {{ ref('stg_quickbooks__names') }}),
stg_files__vendor_maps as (select * from {{ ref('stg_files__vendor_maps') }}),
stg_files__overhead_types as (select * from {{ ref('stg_files__overhead_types') }}),
int_class_products_resolved as (select * from {{ ref('int_class_products_resolved') }}),
int_allocation_rules_resolved as (select * from {{ ref('int_allocation_rules_resolved') }}),

described as (
    select
        lines.*, accounts.full_name as account_name, accounts.classification,
        maps.account_id is not null as has_account,
        maps.cost_type,
        coalesce(accounts.account_subtype = 'PayrollExpenses' or maps.cost_type = 'payroll', false) as is_pay,
        types.cost_type is not null as is_of_all_products,
        case
            when maps.account_id is null then accounts.account_type in ('Income', 'Cost of Goods Sold', 'Expense')
            else maps.statement_group in ('revenue', 'cost_of_revenue', 'operating_expense')
        end as is_of_products
    from fct_gl_line as lines
    inner join stg_quickbooks__accounts as accounts on lines.account_id = accounts.account_id
    left join stg_files__account_maps as maps
        on lines.account_id = maps.account_id and {{ valid_on('maps', 'lines.posting_date') }}
    left join int_allocation_rules_resolved as rules on lines.fiscal_period = rules.fiscal_period
    left join stg_files__overhead_types as types
        on rules.rules_version = types.rules_version and maps.cost_type = types.cost_type
    -- What was voided stands there with nothing.
    where lines.amount_home_minor <> 0
),

postings as (
    select
        *, case when is_pay then 0 else abs(amount_home_minor) end as amount_minor,
        class_id is not null or (is_of_products and not is_pay and not is_of_all_products) as is_class_asked
    from described
),

uses as (
    select
        'account_map' as map_file, 'account' as object_type, account_id as map_key, account_name as key_name,
        home_currency, amount_minor, has_account as is_mapped
    from postings
    union all
    select
        'product_map', 'class', postings.class_id, names.full_name, postings.home_currency, postings.amount_minor,
        exists (
            select 1 from int_class_products_resolved as products
            where products.class_id = postings.class_id and products.posting_date = postings.posting_date
                and products.product_id <> 'UNMAPPED'
        )
    from postings
    left join stg_quickbooks__names as names
        on names.stream = 'classes' and postings.class_id = names.name_id
    where postings.classification in ('Revenue', 'Expense') and postings.is_class_asked
    union all
    select
        'customer_map', 'customer', postings.customer_id, names.full_name, postings.home_currency,
        postings.amount_minor,
        {{ has_customer('quickbooks', 'postings.customer_id', 'postings.posting_date') }}
    from postings
    left join stg_quickbooks__names as names
        on names.stream = 'customers' and postings.customer_id = names.name_id
    where postings.classification = 'Revenue'
    union all
    -- Only of vendors that sell work somebody must know who they are: those whose bills are a contractor's cost.
    select
        'vendor_map', 'vendor', postings.vendor_id, names.full_name, postings.home_currency, postings.amount_minor,
        exists (
            select 1 from stg_files__vendor_maps as vendors
            where vendors.vendor_key = postings.vendor_id and {{ valid_on('vendors', 'postings.posting_date') }}
        )
    from postings
    left join stg_quickbooks__names as names
        on names.stream = 'vendors' and postings.vendor_id = names.name_id
    where postings.cost_type = 'contractor'
)

select
    uses.map_file,
    'quickbooks' as mapped_source,
    uses.object_type,
    uses.map_key,
    max(uses.key_name) as key_name,
    'postings' as use_kind,
    count(*) as uses,
    count(case when not uses.is_mapped then 1 end) as unmapped_uses,
    case
        when count(case when not uses.is_mapped then 1 end) = count(case when not uses.is_mapped then rates.worth end)
            then coalesce(sum(case when not uses.is_mapped then uses.amount_minor * rates.worth end), 0)
    end as unmapped_amount
from uses
left join {{ worth_about() }} as rates on uses.home_currency = rates.currency
group by uses.map_file, uses.object_type, uses.map_key
