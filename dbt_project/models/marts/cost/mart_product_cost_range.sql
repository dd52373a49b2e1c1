{%- set rules = {'effort': 'effort_model', 'shared': 'shared_driver', 'overhead': 'overhead_driver'} -%}
with int_cost_variants_allocated as (select * from {{ ref('int_cost_variants_allocated') }}),
int_product_costs_summed as (select * from {{ ref('int_product_costs_summed') }}),
int_bamboohr_clocks_read as (select * from {{ ref('int_bamboohr_clocks_read') }}),
int_fiscal_periods_begun as (select * from {{ ref('int_fiscal_periods_begun') }}),
int_jira_clocks_read as (select * from {{ ref('int_jira_clocks_read') }}),
int_quickbooks_clocks_read as (select * from {{ ref('int_quickbooks_clocks_read') }}),
int_remainders_judged as (select * from {{ ref('int_remainders_judged') }}),
stg_quickbooks__preferences as (select * from {{ ref('stg_quickbooks__preferences') }}),

combinations as (
    select distinct fiscal_period, effort_choice, shared_choice, overhead_choice from int_cost_variants_allocated
),

-- Beside what the rules make of the product in the same way; under a combination it may cost nothing.
variants as (
    select
        fiscal_period, effort_choice, shared_choice, overhead_choice, product_id,
        {% for rule in rules %}
        case when {{ rule }}_choice = '' then 0 else 1 end{{ ' +' if not loop.last }}
        {% endfor %}
            as changes,
        sum(cost_minor) as cost_minor, sum(cost_minor - ruled_minor) as moved_minor
    from (
        select
            fiscal_period, effort_choice, shared_choice, overhead_choice, product_id, cost_minor, 0 as ruled_minor
        from int_cost_variants_allocated
        union all
        select
            combinations.fiscal_period, combinations.effort_choice, combinations.shared_choice,
            combinations.overhead_choice, ruled.product_id, 0, ruled.cost_minor
        from combinations
        inner join int_cost_variants_allocated as ruled on combinations.fiscal_period = ruled.fiscal_period
        where ruled.effort_choice = '' and ruled.shared_choice = '' and ruled.overhead_choice = ''
    ) as sides
    group by fiscal_period, effort_choice, shared_choice, overhead_choice, product_id
    having sum(cost_minor - ruled_minor) <> 0
),

known as (
    select fiscal_period, product_id, max(home_currency) as home_currency, sum(amount_minor) as amount_minor
    from (
        select fiscal_period, product_id, currency as home_currency, amount_minor from int_product_costs_summed
        union all
        select variants.fiscal_period, variants.product_id, books.currency, 0
        from (select distinct fiscal_period, product_id from variants) as variants
        cross join (select distinct currency from int_product_costs_summed) as books
    ) as cells
    group by fiscal_period, product_id
),

-- Only what a rule moves is a range: period sums differ from postings by single minor units as well. Of equal costs the
-- combination that changes the fewest rules.
edges as (
    {% for edge, sign in [('low', ''), ('high', '-')] %}
    select '{{ edge }}' as edge, ranked.*
    from (
        select
            variants.*,
            row_number() over (
                partition by variants.fiscal_period, variants.product_id
                order by {{ sign }}variants.cost_minor, variants.changes, variants.effort_choice,
                    variants.shared_choice, variants.overhead_choice
            ) as edge_rank
        from variants
        inner join known
            on variants.fiscal_period = known.fiscal_period and variants.product_id = known.product_id
        where {{ sign }}variants.moved_minor < 0 and {{ sign }}variants.cost_minor < {{ sign }}known.amount_minor
    ) as ranked
    where edge_rank = 1
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- What each rule of the combination does when it changes alone.
alone as (
    {% for rule in rules %}
    select
        edges.edge, edges.fiscal_period, edges.product_id, '{{ rules[rule] }}' as rule_name,
        {{ loop.index }} as rule_order,
        case when edges.edge = 'low' then 1 else -1 end * coalesce(single.moved_minor, 0) as place
    from edges
    left join variants as single
        on edges.fiscal_period = single.fiscal_period and edges.product_id = single.product_id
        and single.changes = 1 and edges.{{ rule }}_choice = single.{{ rule }}_choice
    where edges.{{ rule }}_choice <> ''
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

moving as (
    select edge, fiscal_period, product_id, rule_name
    from (
        select
            *,
            row_number() over (partition by edge, fiscal_period, product_id order by place, rule_order) as rule_rank
        from alone
    ) as ranked
    where rule_rank = 1
),

ranges as (
    select
        known.*,
        {% for edge in ['low', 'high'] %}
        coalesce({{ edge }}.cost_minor, known.amount_minor) as {{ edge }}_minor,
        {{ edge }}_moving.rule_name as {{ edge }}_rule,
        {% for rule in rules %}
        nullif({{ edge }}.{{ rule }}_choice, '') as {{ edge }}_{{ rule }}{{ ',' if not (loop.last and edge == 'high') }}
        {% endfor %}
        {% endfor %}
    from known
    {% for edge in ['low', 'high'] %}
    left join edges as {{ edge }}
        on {{ edge }}.edge = '{{ edge }}' and known.fiscal_period = {{ edge }}.fiscal_period
        and known.product_id = {{ edge }}.product_id
    left join moving as {{ edge }}_moving
        on {{ edge }}_moving.edge = '{{ edge }}' and known.fiscal_period = {{ edge }}_moving.fiscal_period
        and known.product_id = {{ edge }}_moving.product_id
    {% endfor %}
),

-- As late as its oldest part: the ledger has the amount, people and their work the shape.
clock as (
    select
        least(books.data_as_of, people.data_as_of, work.data_as_of) as data_as_of,
        least(books.loaded_at, people.loaded_at, work.loaded_at) as loaded_at
    from int_quickbooks_clocks_read as books
    cross join int_bamboohr_clocks_read as people
    cross join int_jira_clocks_read as work
),

labelled as (
    {{ labelled('ranges', 'int_fiscal_periods_begun', 'clock', named=[], currency='cells.home_currency') }}
)

select
    false as is_rollup,
    {{ period_and_product('labelled') }},
    {% for measure, minor in [('cost', 'amount'), ('cost_low', 'low'), ('cost_high', 'high')] %}
    {{ in_units('labelled.' ~ minor ~ '_minor', 'labelled') }} as {{ measure }},
    {% endfor %}
    labelled.currency,
    {% for edge in ['low', 'high'] %}
    labelled.{{ edge }}_rule,
    {% for rule, column in rules.items() %}
    labelled.{{ edge }}_{{ rule }} as {{ edge }}_{{ column }},
    {% endfor %}
    {% endfor %}
    judged.remainder,
    coalesce(labelled.period_end_date <= preferences.book_close_date, false) as is_closed,
    labelled.data_as_of,
    labelled.loaded_at
from labelled
left join int_remainders_judged as judged on labelled.fiscal_period = judged.fiscal_period
left join stg_quickbooks__preferences as preferences on true
where labelled.amount_minor <> 0 or labelled.low_minor <> 0 or labelled.high_minor <> 0
