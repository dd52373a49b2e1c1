{#
    Times, lists, quantiles and patterns, where engines differ. JSON is in json.sql; what dbt dispatches itself
    (dbt.date_trunc, dbt.dateadd) is not here. All time columns are UTC without a zone, so no session setting can shift
    them.
#}

{#
    The instant that a vendor's text names: ISO 8601 with Z or an offset with or without a colon (Jira writes +0800), or
    a number of epoch milliseconds (Jira's changelog/bulkfetch). A text without a zone is no instant: NULL.
#}
{% macro timestamp_from_text(text) -%} {{ return(adapter.dispatch('timestamp_from_text')(text)) }} {%- endmacro %}
{% macro instant_pattern() -%}
    ^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})$
{%- endmacro %}
{% macro default__timestamp_from_text(text) -%}
    case when {{ text_matches(text, '^-?[0-9]{1,15}$') }} then timestamp_millis(cast({{ text }} as bigint))
        when {{ text_matches(text, instant_pattern()) }} then try_cast({{ text }} as timestamp) end
{%- endmacro %}
{% macro duckdb__timestamp_from_text(text) -%}
    case when {{ text_matches(text, '^-?[0-9]{1,15}$') }} then epoch_ms(try_cast({{ text }} as bigint))
        when {{ text_matches(text, instant_pattern()) }} then timezone('UTC', try_cast({{ text }} as timestamptz)) end
{%- endmacro %}

{#
    The instant of a number of epoch seconds. Eleven digits reach the year 5138: milliseconds do not fit, instead of
    being taken for seconds.
#}
{% macro timestamp_from_unix(text) -%} {{ return(adapter.dispatch('timestamp_from_unix')(text)) }} {%- endmacro %}
{% macro default__timestamp_from_unix(text) -%}
    case when {{ text_matches(text, '^-?[0-9]{1,11}$') }} then timestamp_seconds(cast({{ text }} as bigint)) end
{%- endmacro %}
{% macro duckdb__timestamp_from_unix(text) -%}
    case when {{ text_matches(text, '^-?[0-9]{1,11}$') }} then epoch_ms(try_cast({{ text }} as bigint) * 1000) end
{%- endmacro %}

{#
    Wall clock of a UTC instant in a zone, and the UTC instant of a wall clock there (only midnights are asked; a
    skipped one is the first instant after the gap).
#}
{% macro to_local(at, zone) -%} {{ return(adapter.dispatch('to_local')(at, zone)) }} {%- endmacro %}
{% macro default__to_local(at, zone) -%} from_utc_timestamp({{ at }}, {{ zone }}) {%- endmacro %}
{% macro duckdb__to_local(at, zone) -%} timezone({{ zone }}, timezone('UTC', {{ at }})) {%- endmacro %}

{% macro to_utc(local_at, zone) -%} {{ return(adapter.dispatch('to_utc')(local_at, zone)) }} {%- endmacro %}
{% macro default__to_utc(local_at, zone) -%} to_utc_timestamp({{ local_at }}, {{ zone }}) {%- endmacro %}
{% macro duckdb__to_utc(local_at, zone) -%} timezone('UTC', timezone({{ zone }}, {{ local_at }})) {%- endmacro %}

{# Whole milliseconds between two instants. #}
{% macro milliseconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('milliseconds_between')(earlier, later)) }}
{%- endmacro %}
{% macro default__milliseconds_between(earlier, later) -%}
    (unix_millis({{ later }}) - unix_millis({{ earlier }}))
{%- endmacro %}
{% macro duckdb__milliseconds_between(earlier, later) -%}
    (epoch_ms({{ later }}) - epoch_ms({{ earlier }}))
{%- endmacro %}

{# Continuous quantile with linear interpolation, h = (n - 1) p; NULL over no values. #}
{% macro quantile(expression, share) -%} {{ return(adapter.dispatch('quantile')(expression, share)) }} {%- endmacro %}
{% macro default__quantile(expression, share) -%} percentile({{ expression }}, {{ share }}) {%- endmacro %}
{% macro duckdb__quantile(expression, share) -%} quantile_cont({{ expression }}, {{ share }}) {%- endmacro %}

{% macro text_matches(text, pattern) -%} {{ return(adapter.dispatch('text_matches')(text, pattern)) }} {%- endmacro %}
{% macro default__text_matches(text, pattern) -%} {{ text }} rlike '{{ pattern }}' {%- endmacro %}
{% macro duckdb__text_matches(text, pattern) -%} regexp_matches({{ text }}, '{{ pattern }}') {%- endmacro %}

{#
    A text in lower case with a $ where a word of letters ends; HeadlessChrome is two words. Names of phones that end
    like a machine's are left out, as the lists of isbot and of Matomo's device-detector do: Cubot, M Bot, Power Bot,
    Bot TAB.
#}
{% macro word_ends(text) -%} {{ return(adapter.dispatch('word_ends')(text)) }} {%- endmacro %}
{% macro phones_named_bot() -%}
    (?i)(^|[^a-z])((cu|m[ _-]|power[ _-])bot|bot[ _-]?(tab|5[0-9]|senior|junior))([^a-z]|$)
{%- endmacro %}
{% macro default__word_ends(text) -%}
    lower(
        regexp_replace(
            regexp_replace(
                regexp_replace({{ text }}, '{{ phones_named_bot() }}', ' '), '([a-z])([A-Z])', '$1 $2'
            ),
            '([a-zA-Z])([^a-zA-Z]|$)', '$1\\$$2'
        )
    )
{%- endmacro %}
{% macro duckdb__word_ends(text) -%}
    lower(
        regexp_replace(
            regexp_replace(
                regexp_replace({{ text }}, '{{ phones_named_bot() }}', ' ', 'g'), '([a-z])([A-Z])', '\1 \2', 'g'
            ),
            '([a-zA-Z])([^a-zA-Z]|$)', '\1$\2', 'g'
        )
    )
{%- endmacro %}

{# Shell pattern: * any text, ? any character, [a-c] and [!a-c] a set; upper and lower case differ. #}
{% macro text_globs(text, pattern) -%} {{ return(adapter.dispatch('text_globs')(text, pattern)) }} {%- endmacro %}
{% macro default__text_globs(text, pattern) -%}
    {{ text }} rlike concat(
        '^', replace(replace(replace(replace({{ pattern }}, '.', '[.]'), '*', '.*'), '?', '.'), '[!', '[^'), '$'
    )
{%- endmacro %}
{% macro duckdb__text_globs(text, pattern) -%} {{ text }} glob {{ pattern }} {%- endmacro %}

{# The n-th element of a list, from 1. #}
{% macro list_item(list, n) -%} {{ return(adapter.dispatch('list_item')(list, n)) }} {%- endmacro %}
{% macro default__list_item(list, n) -%} element_at({{ list }}, {{ n }}) {%- endmacro %}
{% macro duckdb__list_item(list, n) -%} {{ list }}[{{ n }}] {%- endmacro %}

{% macro list_text(list, separator) -%} {{ return(adapter.dispatch('list_text')(list, separator)) }} {%- endmacro %}
{% macro default__list_text(list, separator) -%} array_join({{ list }}, '{{ separator }}') {%- endmacro %}
{% macro duckdb__list_text(list, separator) -%} array_to_string({{ list }}, '{{ separator }}') {%- endmacro %}

{# One row per piece of a separated text, as a lateral table `alias(piece)`. #}
{% macro text_pieces(text, separator, alias) -%}
    {{ return(adapter.dispatch('text_pieces')(text, separator, alias)) }}
{%- endmacro %}
{% macro default__text_pieces(text, separator, alias) -%}
    lateral view explode(split({{ text }}, '{{ separator }}')) {{ alias }} as piece
{%- endmacro %}
{% macro duckdb__text_pieces(text, separator, alias) -%}
    cross join lateral (select unnest(string_split({{ text }}, '{{ separator }}')) as piece) as {{ alias }}
{%- endmacro %}

{# One row per day, or per seventh day, from one date to another, both inclusive, as a select list item. #}
{% macro daily_dates(first_date, last_date, step=1) -%}
    {{ return(adapter.dispatch('daily_dates')(first_date, last_date, step)) }}
{%- endmacro %}
{% macro default__daily_dates(first_date, last_date, step) -%}
    explode(sequence({{ first_date }}, {{ last_date }}, interval {{ step }} days))
{%- endmacro %}
{% macro duckdb__daily_dates(first_date, last_date, step) -%}
    cast(
        unnest(
            generate_series(
                cast({{ first_date }} as timestamp), cast({{ last_date }} as timestamp), interval {{ step }} days
            )
        ) as date
    )
{%- endmacro %}

{# An instant as the wall clock of UTC, without a zone. #}
{% macro to_utc_clock(instant) -%} {{ return(adapter.dispatch('to_utc_clock')(instant)) }} {%- endmacro %}
{% macro default__to_utc_clock(instant) -%} {{ instant }} {%- endmacro %}
{% macro duckdb__to_utc_clock(instant) -%} timezone('UTC', {{ instant }}) {%- endmacro %}

{# Stops the build with a message that is made of the row. #}
{% macro stop(message) -%} {{ return(adapter.dispatch('stop')(message)) }} {%- endmacro %}
{% macro default__stop(message) -%} raise_error({{ message }}) {%- endmacro %}
{% macro duckdb__stop(message) -%} error({{ message }}) {%- endmacro %}

{#
    Between the name of a CTE and its body: read in place wherever it is named. DuckDB holds a CTE that is named twice
    as a table of all of its columns: a join of 3,000,000 rows with themselves took 0.40 s so, 0.12 s in place.
#}
{% macro inlined() -%} {{ return(adapter.dispatch('inlined')()) }} {%- endmacro %}
{% macro default__inlined() -%} {%- endmacro %}
{% macro duckdb__inlined() -%} not materialized {%- endmacro %}

{# A list as text ("12, 15") with its pieces in one order, so that equal lists are equal texts. #}
{% macro sorted_pieces(text) -%} {{ return(adapter.dispatch('sorted_pieces')(text)) }} {%- endmacro %}
{% macro default__sorted_pieces(text) -%}
    array_join(array_sort(transform(split({{ text }}, ','), x -> trim(x))), ', ')
{%- endmacro %}
{% macro duckdb__sorted_pieces(text) -%}
    array_to_string(list_sort(list_transform(string_split({{ text }}, ','), lambda x: trim(x))), ', ')
{%- endmacro %}
