"""Does each zone hold what the zone before it holds?

Belongs here: landed = served + quarantined for each stream, published = warehouse for each mart. Does not: values of
single columns (dbt tests).

What landed of a REST stream is the newest version of each record; of exported events it is the lines of each landing of
an hour, of which the newest counts. A base model holds exactly that: the load, the place in it and the tombstones too.

Each side is read by itself: the landing zone through its manifests, never through the models under test.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.home import PEOPLE
from ingestion.manifests import Stream, Zone, read_manifest, zone_of

LEDGER = "staging.built_loads"
SHOWN = 5
COPIES = ("marts.duckdb", "parquet")
"""The forms in which a snapshot holds a mart whole that everyone may see."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one kind of stream is read on both sides; each query gives ``record_id`` and what is compared of it."""

    landed: str
    """What the base model must hold of ``{landing}``, and in which version."""
    held: str
    """What it holds."""
    live: str
    """What must be served or in quarantine; may read ``landed``."""
    served: str
    """What is, and whether it is in quarantine."""


RECORDS = Reading(
    landed="""
        select record_id,
            arg_max(struct_pack(load_id := _dlt_load_id, sequence, is_deleted), (_dlt_load_id, sequence)) as version
        from {landing} where {due} group by record_id
    """,
    held="select record_id, struct_pack(load_id, sequence, is_deleted) as version from {database}.staging.{base}",
    live="select record_id from landed where not version.is_deleted",
    served="""
        select record_id, quarantine_reason is not null as is_out from {database}.staging.{base} where not is_deleted
    """,
)
"""The newest version of each record, by the contract's order; tombstones are versions that nothing serves."""

LINES = Reading(
    landed="""
        select project_id || '/' || export_hour::timestamp as record_id,
            struct_pack(load_id := _dlt_load_id, lines := count(payload_hash), hashes := sum(payload_hash)) as version
        from {landing} where {due} group by project_id, export_hour, _dlt_load_id
    """,
    held="""
        select project_id || '/' || export_hour as record_id,
            struct_pack(load_id, lines := count(payload_hash), hashes := sum(payload_hash)) as version
        from {database}.staging.{base} group by project_id, export_hour, load_id
    """,
    live="""
        with landings as (
            select project_id, export_hour, _dlt_load_id, payload_hash,
                project_id || '/' || coalesce(nullif(trim(uuid), ''), payload_hash::varchar) as record_id
            from {landing} where {due}
        )
        select record_id from landings
        where payload_hash is not null and (project_id, export_hour, _dlt_load_id) in (
            select (project_id, export_hour, max(_dlt_load_id)) from landings group by project_id, export_hour
        )
    """,
    served="""
        select project_id || '/' || uuid as record_id, false as is_out from {database}.staging.stg_{source}__{stream}
        union all
        select record_id, true from {database}.staging.stg_{source}__quarantine where stream = '{stream}'
    """,
)
"""Every landing of each hour by its lines' hashes. Served are the lines of the newest landing of each hour, by row id
or, where a line has none, by what it says; no markers."""


@dataclass(frozen=True, slots=True)
class StreamCount:
    """Records of one stream on both sides, and the first few record ids where they differ.

    ``missing`` are neither served nor in quarantine, ``extra`` landed nowhere, ``differing`` are held in another
    version than landing's newest, twice, or not at all (of events: hours).
    """

    source: str
    stream: str
    landed: int
    served: int
    quarantined: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def ties(self) -> bool:
        is_found = self.landed == self.served + self.quarantined
        return is_found and not (self.missing or self.extra or self.differing)


@dataclass(frozen=True, slots=True)
class CopyCount:
    """Rows of one mart in the warehouse and in a published copy; ``differing`` counts rows that only one side has."""

    mart: str
    where: str
    rows: int
    differing: int

    @property
    def ties(self) -> bool:
        return self.differing == 0


def landed_is_staged(
    warehouse: Path, source: str, streams: Sequence[Stream], newest_load: Mapping[str, str]
) -> list[StreamCount]:
    """Compares every stream of a source with its base model.

    ``newest_load`` is, by stream, the newest load there was when the build began: a load that came later is not yet due
    and counts only if the build took it in.
    """
    with _opened(warehouse) as connection:
        if not (zone := Zone()).is_local:
            connection.register_filesystem(zone.fs)  # once: DuckDB refuses a second time
        return [_stream(connection, source, stream, newest_load.get(stream.name, "")) for stream in streams]


def staged_in(source: str, stream: Stream) -> str:
    """The last model that the comparison of a stream reads: the view that serves events, else the base model."""
    return f"stg_{source}__{stream.name}" if stream.is_events else f"base_{source}__{stream.name}"


def published_is_warehouse(
    warehouse: Path, snapshot: Path, marts: Sequence[str], schema: str = "marts", forms: Sequence[str] = COPIES
) -> list[CopyCount]:
    """Compares marts of a snapshot with the warehouse, in each form: both ways, with repetitions. Of a mart that is
    held back the warehouse is the file of the snapshot from which it was taken."""
    with _opened(warehouse) as connection:
        for number, form in enumerate(forms):
            if form.endswith(".duckdb"):
                connection.execute(f"attach {sql.text(snapshot / form)} as copied_{number} (read_only)")
        return [
            count
            for mart in marts
            for count in _copies(connection, snapshot, mart, f"warehouse.{schema}.{sql.name(mart)}", forms)
        ]


def _copies(
    connection: duckdb.DuckDBPyConnection, snapshot: Path, mart: str, origin: str, forms: Sequence[str]
) -> list[CopyCount]:
    """How often each row stands on each side, in one pass: measured 4 times as fast as ``except all`` both ways."""
    sides = [origin] + [
        f"copied_{number}.main.{sql.name(mart)}"
        if form.endswith(".duckdb")
        else f"read_parquet({sql.text(snapshot / form / mart / f'{mart}.parquet')})"
        for number, form in enumerate(forms)
    ]
    numbered = [f"select *, {number} as side from {side}" for number, side in enumerate(sides)]
    counts = [f"count(*) filter (side = {number}) as held_{number}" for number in range(len(sides))]
    apart = [f"sum(abs(held_0 - held_{number}))" for number in range(1, len(sides))]
    row = connection.execute(f"""
        with sides as ({" union all ".join(numbered)}),
        counted as (select * exclude (side), {", ".join(counts)} from sides group by all)
        select sum(held_0), {", ".join(apart)} from counted
        """).fetchone()
    rows, *differing = (int(number or 0) for number in row or ())
    return [CopyCount(mart, where, rows, count) for where, count in zip(forms, differing, strict=True)]


def built_loads(warehouse: Path) -> dict[str, dict[str, str | int]]:
    """By model that reads landing, in the restricted database too: how many loads it holds and the newest."""
    return {model: {"loads": len(loads), "newest": max(loads)} for model, loads in loads_built(warehouse).items()}


def loads_built(warehouse: Path) -> dict[str, list[str]]:
    """The loads themselves; a model that is built again with another one counts that one's as well."""
    with _opened(warehouse) as connection:
        attached = connection.execute(
            "select database_name from duckdb_databases() where database_name in ('warehouse', 'restricted')"
        ).fetchall()
        ledgers = " union all ".join(f"from {name}.{LEDGER}" for (name,) in attached)
        rows = connection.execute(
            f"select model, list(load_id) from ({ledgers}) group by model order by model"
        ).fetchall()
    return dict(rows)


def _stream(connection: duckdb.DuckDBPyConnection, source: str, stream: Stream, newest: str) -> StreamCount:
    zone, database = zone_of(stream), "restricted" if stream.is_restricted else "warehouse"
    manifest = read_manifest(zone, source, stream.name)
    files = [zone.readable(file.path) for file in manifest.files] if manifest else []
    reading, model = LINES if stream.is_events else RECORDS, f"base_{source}__{stream.name}"
    built = {"database": database, "source": source, "stream": stream.name, "base": sql.name(model)}
    connection.execute(f"create or replace temp table held as {reading.held.format(**built)}")
    connection.execute(f"create or replace temp table served as {reading.served.format(**built)}")
    due = f"(_dlt_load_id <= $newest or _dlt_load_id in (select load_id from {database}.{LEDGER} where model = $model))"
    landing = {"landing": "read_parquet($files, union_by_name = true)", "due": due}
    known = {"files": files, "newest": newest, "model": model}
    for table, query, nothing in (("landed", reading.landed, "held"), ("live", reading.live, "served")):
        asked = query.format(**landing) if files else f"from {nothing} limit 0"
        used = {name: value for name, value in known.items() if f"${name}" in asked}
        connection.execute(f"create or replace temp table {table} as {asked}", used)
    return StreamCount(
        source,
        stream.name,
        landed=_number(connection, "select count(*) from live"),
        served=_number(connection, "select count(*) from served where not is_out"),
        quarantined=_number(connection, "select count(*) from served where is_out"),
        missing=_ids(connection, "select record_id from live anti join served using (record_id)"),
        extra=_ids(connection, "select record_id from served anti join live using (record_id)"),
        differing=_ids(
            connection,
            "select distinct record_id from ((from landed except all from held) union all "
            "(from held except all from landed))",
        ),
    )


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    return tuple(str(row[0]) for row in connection.execute(f"{query} order by 1 limit {SHOWN}").fetchall())


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {sql.text(warehouse)} as warehouse (read_only)")
        if (people := warehouse.parent / PEOPLE).exists():
            connection.execute(f"attach {sql.text(people)} as restricted (read_only)")
        yield connection
    finally:
        connection.close()
