{#
    Rules of product_map.csv: what matches, and which of several matches counts. Belongs here: what all sources share.
    Does not: which keys a source has.
#}

{# Whether a rule is about a key. #}
{% macro rule_matches(text, rules) -%}
    case {{ rules }}.match_type
        when 'exact' then {{ text }} = {{ rules }}.match_key
        when 'prefix' then starts_with({{ text }}, {{ rules }}.match_key)
        when 'glob' then {{ text_globs(text, rules ~ '.match_key') }}
    end
{%- endmacro %}

{# Exact before the longest prefix before the longest glob. #}
{% macro rule_order() -%}
    case match_type when 'exact' then 1 when 'prefix' then 2 when 'glob' then 3 end, length(match_key) desc, match_key
{%- endmacro %}

{#
    The products that each place of a relation (mapped_source, object_type, place, place_key, mapping_date) stands for
    on its day, with their weights: those of the most precise rule that is valid. A place may have several keys (an epic
    every key it ever had); the most precise rule for any of them counts. A place that no rule names has no row. Rules
    are matched once a key and not once a day: keys are few, days are many.
#}
{% macro mapped_products(relation) -%}
select mapped_source, object_type, place, mapping_date, product_id, cast(sum(weight) as decimal(18, 6)) as weight
from (
    select
        places.*, matches.product_id, matches.weight,
        -- Rows of one rule are a weighted split: they rank the same.
        dense_rank() over (
            partition by places.mapped_source, places.object_type, places.place, places.mapping_date
            order by {{ rule_order() }}
        ) as precedence
    from (select distinct mapped_source, object_type, place, mapping_date from {{ relation }}) as places
    inner join (
        select distinct
            keys.mapped_source, keys.object_type, keys.place,
            rules.match_type, rules.match_key, rules.product_id, rules.weight, rules.valid_from, rules.valid_to
        from (select distinct mapped_source, object_type, place, place_key from {{ relation }}) as keys
        inner join {{ ref('stg_files__product_maps') }} as rules
            on keys.mapped_source = rules.mapped_source and keys.object_type = rules.object_type
            and {{ rule_matches('keys.place_key', 'rules') }}
    ) as matches
        on places.mapped_source = matches.mapped_source and places.object_type = matches.object_type
        and places.place = matches.place
        and {{ valid_on('matches', 'places.mapping_date') }}
) as ranked
where precedence = 1
group by mapped_source, object_type, place, mapping_date, product_id
{%- endmacro %}

{# Whether any rule of product_map.csv for such keys is valid on a day: which product it names is not asked. #}
{% macro is_mapped(source_name, object_type, key, day) -%}
    exists (
        select 1 from {{ ref('stg_files__product_maps') }} as rules
        where rules.mapped_source = '{{ source_name }}' and rules.object_type = '{{ object_type }}'
            and {{ rule_matches(key, 'rules') }} and {{ valid_on('rules', day) }}
    )
{%- endmacro %}

{# Whether customer_map.csv names the customer of a key on a day. #}
{% macro has_customer(source_name, key, day) -%}
    exists (
        select 1 from {{ ref('stg_files__customer_maps') }} as customers
        where customers.mapped_source = '{{ source_name }}' and customers.account_key = {{ key }}
            and {{ valid_on('customers', day) }}
    )
{%- endmacro %}

{#
    What one minor unit of each currency is worth in the reporting currency at the newest rates, to rank amounts by
    size: nothing is booked with it, so it is a double. A currency without a rate is not there.
#}
{% macro worth_about() -%}
(
    with newest as (
        select currency, max(rate_date) as rate_date from {{ ref('stg_fx__rates') }} group by currency
    ),

    per_euro as (
        select rates.currency, cast(rates.rate as double) as rate
        from {{ ref('stg_fx__rates') }} as rates
        inner join newest on rates.currency = newest.currency and rates.rate_date = newest.rate_date
        union all
        select 'EUR', 1
    )

    select
        currencies.currency,
        reporting.rate / per_euro.rate / power(10, currencies.minor_unit_exponent) as worth
    from per_euro
    inner join {{ ref('currencies') }} as currencies on per_euro.currency = currencies.currency
    cross join {{ ref('int_policies_read') }} as policy
    inner join per_euro as reporting on policy.reporting_currency = reporting.currency
)
{%- endmacro %}
