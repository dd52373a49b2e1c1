{#
    Tables of dated rows, as HR keeps them.
    Belongs here: their columns, from when to when a row holds, what was known of it when. Does not: who works where
    (intermediate/people).

    Of an employee's rows the one of the latest day that has come holds, of several of one day the one that was written
    last (ids grow). A row without a day holds until any other does. A row that another one of the same day replaces has
    a range of no length.
#}

{% macro job_info_columns() -%}
    {{ return([
        {'name': 'row_number', 'path': '$.id', 'type': 'bigint', 'required': true},
        {'name': 'effective_date', 'path': '$.date', 'type': 'zero_date'},
        {'name': 'department', 'path': '$.department', 'type': 'text'},
        {'name': 'division', 'path': '$.division', 'type': 'text'},
        {'name': 'job_title', 'path': '$.jobTitle', 'type': 'text'},
        {'name': 'location', 'path': '$.location', 'type': 'text'},
        {'name': 'manager_name', 'path': '$.reportsTo', 'type': 'text'},
        {'name': 'fte', 'path': '$.customFTE', 'type': 'share'},
    ]) }}
{%- endmacro %}

{% macro employment_status_columns() -%}
    {{ return([
        {'name': 'row_number', 'path': '$.id', 'type': 'bigint', 'required': true},
        {'name': 'effective_date', 'path': '$.date', 'type': 'zero_date'},
        {'name': 'employment_status', 'path': '$.employmentStatus', 'type': 'text', 'required': true},
    ]) }}
{%- endmacro %}

{#
    The rate as the newer endpoints write it, an object whose value is a text. Who is paid by commission alone has
    neither a rate nor a unit.
#}
{% macro compensation_columns() -%}
    {{ return([
        {'name': 'row_number', 'path': '$.id', 'type': 'bigint', 'required': true},
        {'name': 'effective_date', 'path': '$.startDate', 'type': 'zero_date'},
        {'name': 'rate_amount', 'path': '$.rate.value', 'type': 'fine_decimal'},
        {'name': 'currency', 'path': '$.rate.currency', 'type': 'currency'},
        {'name': 'paid_per', 'path': '$.paidPer', 'type': 'key'},
        {'name': 'pay_schedule', 'path': '$.paySchedule', 'type': 'key'},
        {'name': 'pay_type', 'path': '$.type', 'type': 'key'},
        {'name': 'reason', 'path': '$.reason', 'type': 'text'},
    ]) }}
{%- endmacro %}

{# A name that people write in several ways, to compare: letters alone, small. #}
{% macro written_alike(name) -%} replace(replace(replace(lower({{ name }}), '-', ''), '_', ''), ' ', '') {%- endmacro %}

{# Companies word their statuses themselves ("Independent Contractor", "Contractor (1099)"): the word decides. #}
{% macro worker_type(employment_status) -%}
    case
        when {{ written_alike(employment_status) }} like '%contractor%' then 'contractor'
        when {{ written_alike(employment_status) }} = 'intern' then 'intern'
        else 'employee'
    end
{%- endmacro %}

{#
    How often a year the rate of a row of pay is paid to somebody who works full time; null where nobody knows. Paid per
    are the choices of BambooHR ("Employee Compensation": Day, Week, Month, Quarter, Year, Pay Period and Piece for a
    salary, Hour for who is paid hourly). Pay schedules have names that each company gives them ("Pay Schedules"), such
    as US Bi-Weekly: the frequency in the name is known, the narrower word first. Bimonthly means two things.
#}
{% macro times_a_year(paid_per, pay_schedule, pay_type) -%}
    case coalesce(
        {{ written_alike(paid_per) }}, case {{ written_alike(pay_type) }} when 'hourly' then 'hour' end
    )
        when 'year' then 1 when 'quarter' then 4 when 'month' then 12 when 'week' then 52 when 'day' then 260
        when 'hour' then 2080
        when 'payperiod' then
            case
                {%- for times, names in [
                    ('null', ['bimonthly', 'biannual']),
                    (13, ['every4weeks', 'everyfourweeks', '4weekly', 'fourweekly', 'thirteenmonthly']),
                    (26, ['everyotherweek', 'biweekly', 'fortnight', 'everytwoweeks', 'every2weeks']),
                    (24, ['twiceamonth', 'twicemonthly', 'semimonthly']),
                    (2, ['twiceayear', 'semiannual', 'halfyearly', 'semiyearly', 'everysixmonths', 'every6months']),
                    ('null', ['twice', 'every2', 'everytwo', 'every3', 'everythree', 'everyother']),
                    (52, ['weekly', 'everyweek', 'onceaweek']),
                    (12, ['monthly', 'everymonth', 'onceamonth']),
                    (4, ['quarterly', 'everyquarter', 'onceaquarter']),
                    (1, ['yearly', 'annual', 'onceayear', 'everyyear']),
                ] %}
                {%- for name in names %}
                when {{ written_alike(pay_schedule) }} like '%{{ name }}%' then {{ times }}
                {%- endfor %}
                {%- endfor %}
            end
    end
{%- endmacro %}

{# The first day on which a row holds; open where it has no day. #}
{% macro holds_from(effective_date) -%} coalesce({{ effective_date }}, date '0001-01-01') {%- endmacro %}

{# Rows that exist now, each with the days on which it holds, as far as is known now. #}
{% macro ranged_rows(base, columns) -%}
select
    record_id,
    parent_id as employee_id,
    {% for column in columns %}{{ column.name }},
    {% endfor -%}
    {{ holds_from('effective_date') }} as valid_from,
    coalesce(
        lead({{ holds_from('effective_date') }}) over (
            partition by parent_id order by {{ holds_from('effective_date') }}, row_number
        ),
        date '9999-12-31'
    ) as valid_to,
    load_id
from {{ ref(base) }}
where not is_deleted and quarantine_reason is null
{%- endmacro %}

{#
    By both clocks: one row per row of an employee, days on which it holds and time in which that was known. Known from
    the load that brought it, until the load that brought another version of it, or of a row that changes its days. What
    was corrected or deleted later stays as it was known then.
#}
{% macro ranged_versions(base, columns) -%}
with versions as (
    select
        base.*,
        {{ dbt.split_part('record_id', "'/'", 1) }} as employee_id,
        {{ to_utc_clock('extracted_at') }} as landed_at,
        lead({{ to_utc_clock('extracted_at') }}) over (partition by record_id order by load_id, sequence) as replaced_at
    from {{ ref(base) }} as base
),

instants as (
    select employee_id, known_from, lead(known_from) over (partition by employee_id order by known_from) as known_to
    from (select distinct employee_id, landed_at as known_from from versions) as loads
),

known as (
    select
        instants.known_from, instants.known_to, versions.*,
        {{ holds_from('versions.effective_date') }} as valid_from,
        coalesce(
            lead({{ holds_from('versions.effective_date') }}) over (
                partition by versions.employee_id, instants.known_from
                order by {{ holds_from('versions.effective_date') }}, versions.row_number
            ),
            date '9999-12-31'
        ) as valid_to
    from instants
    inner join versions
        on instants.employee_id = versions.employee_id
        and versions.landed_at <= instants.known_from
        and (versions.replaced_at is null or instants.known_from < versions.replaced_at)
    where not versions.is_deleted and versions.quarantine_reason is null
),

-- An instant that changed another row of the employee, but nothing of this one, is no new version of it.
marked as (
    select
        *,
        case
            when lag(known_to) over rows_of_one is distinct from known_from or lag(load_id) over rows_of_one <> load_id
                or lag(sequence) over rows_of_one <> sequence or lag(valid_to) over rows_of_one <> valid_to
                then 1 else 0
        end as is_new
    from known
    window rows_of_one as (partition by record_id order by known_from)
),

numbered as (
    select *, sum(is_new) over (partition by record_id order by known_from) as version_number from marked
)

select
    record_id,
    employee_id,
    {% for column in columns %}{{ column.name }},
    {% endfor -%}
    valid_from,
    valid_to,
    min(known_from) as known_from,
    case when count(*) = count(known_to) then max(known_to) end as known_to,
    load_id
from numbered
group by record_id, employee_id, {% for column in columns %}{{ column.name }}, {% endfor %}valid_from, valid_to,
    version_number, load_id
{%- endmacro %}
