-- Spend on AI and the tools of ai_spend.csv, and which vendor each posting is of: the document's, or the one that its
-- words name. Entries that name none are among them; bills of other vendors are not, so that they go on hiding pay. It
-- is shown from the first day of the file on; without that file there is none.
with int_cost_postings_selected as {{ inlined() }} (select * from {{ ref('int_cost_postings_selected') }}),
fct_gl_line as {{ inlined() }} (select * from {{ ref('fct_gl_line') }}),
int_fiscal_periods_begun as {{ inlined() }} (select * from {{ ref('int_fiscal_periods_begun') }}),
int_postings_derived as {{ inlined() }} (select * from {{ ref('int_postings_derived') }}),
stg_files__ai_bills as (select * from {{ ref('stg_files__ai_bills') }}),
stg_files__vendor_maps as (select * from {{ ref('stg_files__vendor_maps') }}),
stg_quickbooks__names as {{ inlined() }} (select * from {{ ref('stg_quickbooks__names') }}),

periods as (
    select periods.fiscal_period
    from int_fiscal_periods_begun as periods
    inner join (select min(from_date) as from_date from stg_files__ai_bills) as file
        on file.from_date <= periods.last_date
),

known as (
    select vendor_name from stg_files__ai_bills
    union
    select agency from stg_files__vendor_maps where cost_type = 'ai' and agency is not null
),

postings as (
    select
        costs.*, lines.document_type, lines.document_id, lines.line_id, lower(lines.description) as words,
        maps.vendor_key is not null as is_mapped, maps.agency, names.name as listed_name,
        coalesce(costs.cost_type = 'ai' or maps.cost_type = 'ai', false) as is_ai
    from int_cost_postings_selected as costs
    inner join periods on costs.fiscal_period = periods.fiscal_period
    inner join fct_gl_line as lines on costs.gl_line_id = lines.gl_line_id
    left join stg_files__vendor_maps as maps
        on costs.vendor_id = maps.vendor_key and {{ valid_on('maps', 'costs.posting_date') }}
    left join stg_quickbooks__names as names on names.stream = 'vendors' and costs.vendor_id = names.name_id
    where not costs.is_pay and coalesce(costs.cost_type, '') <> 'contractor'
        and (costs.cost_type in ('tools', 'ai') or maps.cost_type = 'ai')
),

-- As the file writes the name.
in_file as (
    select lower(vendor_name) as lower_name, min(vendor_name) as vendor_name
    from stg_files__ai_bills
    group by lower(vendor_name)
),

in_words as (
    select
        postings.gl_line_id, known.vendor_name,
        row_number() over (
            partition by postings.gl_line_id order by length(known.vendor_name) desc, known.vendor_name
        ) as place
    from postings
    inner join known on position(lower(known.vendor_name) in postings.words) > 0
),

named as (
    select
        postings.*,
        coalesce(
            postings.agency,
            case when not postings.is_mapped then coalesce(in_file.vendor_name, postings.listed_name) end,
            in_words.vendor_name
        ) as vendor_name
    from postings
    left join in_file on lower(postings.listed_name) = in_file.lower_name
    left join in_words on postings.gl_line_id = in_words.gl_line_id and in_words.place = 1
)

select
    named.gl_line_id,
    named.fiscal_period,
    named.posting_date,
    named.account_id,
    named.class_id,
    named.vendor_name,
    named.amount_minor,
    named.currency,
    derived.currency as own_currency,
    cast(abs(derived.amount_txn_minor) * sign(named.amount_minor) as bigint) as own_minor
from named
left join (
    select
        document_type, document_id, line_id, account_id, min(currency) as currency,
        sum(amount_txn_minor) as amount_txn_minor
    from int_postings_derived
    where line_id is not null
    group by document_type, document_id, line_id, account_id
) as derived
    on named.document_type = derived.document_type and named.document_id = derived.document_id
    and named.line_id = derived.line_id and named.account_id = derived.account_id
where named.is_ai or named.vendor_name is null or named.vendor_name in (select vendor_name from known)
