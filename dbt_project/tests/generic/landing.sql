{#
    Row by row: the newest version of each record in the loads that the model says it has built is the version it holds.
    Read from the landing files, whatever the model's own hooks and increments did; only narrow columns are read. A key that is null or there twice shows too.
#}
{% test holds_newest_of_landing(model, source_name, stream) %}
{% if execute %}{% do run_query(set_landing_files(source_name, stream, model, everything=true)) %}{% endif %}
with landed as (
    select record_id, _dlt_load_id as load_id, sequence, is_deleted
    from read_parquet(getvariable('{{ source_name }}__{{ stream }}'))
    where _dlt_load_id in {{ loads_of(model) }}
),

newest as (
    select * from (
        select *, row_number() over (partition by record_id order by load_id desc, sequence desc) as version_rank from landed
    ) as ranked
    where version_rank = 1
)

select coalesce(newest.record_id, built.record_id) as record_id, newest.load_id as landed_load_id, built.load_id as built_load_id
from newest
full outer join (select *, count(*) over (partition by record_id) as copies from {{ model }}) as built on newest.record_id = built.record_id
where built.copies > 1
    or newest.load_id is distinct from built.load_id
    or newest.sequence is distinct from built.sequence
    or newest.is_deleted is distinct from built.is_deleted
{% endtest %}

{# The same for lines of events: per landing of an hour, as many lines with the same hashes as lie in landing, in the loads that the model says it has built. #}
{% test holds_lines_of_landing(model, source_name, stream) %}
{% if execute %}{% do run_query(set_landing_files(source_name, stream, model, everything=true)) %}{% endif %}
with landed as (
    select
        project_id, {{ to_utc_clock('export_hour') }} as export_hour, _dlt_load_id as load_id,
        count(payload_hash) as lines, sum(payload_hash) as hashes
    from read_parquet(getvariable('{{ source_name }}__{{ stream }}'))
    where _dlt_load_id in {{ loads_of(model) }}
    group by all
),

built as (
    select project_id, export_hour, load_id, count(payload_hash) as lines, sum(payload_hash) as hashes
    from {{ model }}
    group by all
)

(select * from landed except select * from built)
union all
(select * from built except select * from landed)
{% endtest %}
