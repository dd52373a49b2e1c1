"""Why a figure of a pack would be another one today: what changed in its inputs since, by cause.

Belongs here: the causes, which landed rows are of which, and the files of a landing zone that holds some of them.
Does not: building models on it (replays.py), how much of a change is whose (attribution.py).

Each row that landed since has one cause. Of records it goes by whether the record was known then, of the company's
files by which file it is in. What a record says is asked of two alone: of customers, where another parent is another
identity and another segment is not, and of the ledger, whose records are whole months. Time has no cause of its own:
the day on which files were read last, and forecasts, come with the data that came by then.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import duckdb

from ingestion import sql
from ingestion.home import private_files
from ingestion.manifests import (
    LiveFile,
    Manifest,
    Stream,
    Zone,
    read_manifest,
    write_manifest,
    zone_of,
)
from ingestion.sources import forecasts, streams_by_source
from serving.frozen import CLOCK, RULES, Frozen, FrozenError, measured, reading

SHOWN = 5
"""So many ids a stream shows."""


class Cause(StrEnum):
    """In the order in which they are shown."""

    LATE = "late data"
    EDIT = "source edit"
    IDENTITY = "identity merge"
    MAPPING = "mapping"
    REORG = "reorg"
    FX = "fx"
    DEFINITION = "definition"
    CODE = "code"


MEANINGS: Mapping[Cause, str] = {
    Cause.LATE: "records that were not there",
    Cause.EDIT: "newer versions of records that were there, and deletions",
    Cause.IDENTITY: "which keys and customers are the same",
    Cause.MAPPING: "which keys belong to which product, account or kind",
    Cause.REORG: "products and teams, what is above them and since when",
    Cause.FX: "exchange rates and planned rates",
    Cause.DEFINITION: "switches, calendar and rules in the company's files; definitions in the registry",
    Cause.CODE: "models",
}

OF_STREAMS: Mapping[str, Cause] = {
    **{f"files/{name}": Cause.IDENTITY for name in ("customer_map", "worker_map")},
    **{
        f"files/{name}": Cause.MAPPING
        for name in ("product_map", "account_map", "vendor_map", "work_types", "link_types", "goal_links")
    },
    **{f"files/{name}": Cause.MAPPING for name in ("segments", "markets")},
    **{f"files/{name}": Cause.REORG for name in ("products", "teams", "team_products")},
    **dict.fromkeys(("files/fx_plan", "fx/rates"), Cause.FX),
    **{f"files/{name}": Cause.DEFINITION for name in RULES},
    **dict.fromkeys((f"files/{CLOCK}", *(f"{forecasts.NAME}/{one.name}" for one in forecasts.STREAMS)), Cause.LATE),
}
"""Streams whose rows all have one cause."""
CUSTOMERS = "files/customers"
LEDGER = "quickbooks/general_ledgers"
"""A record is the whole of a month: where all of its lines are as they were and others came, these came late."""
NAMELESS = ("bamboohr/", "files/worker_map")
"""Streams whose records are people: they are counted."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Records of a stream that changed for a cause: how many, and the first few of their ids, of people none."""

    stream: str
    cause: Cause
    records: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A stream in files: ``before`` with the rows that were there, and by the causes that are counted in those that
    came since."""

    source: str
    stream: Stream
    before: tuple[LiveFile, ...]
    since: Mapping[frozenset[Cause], LiveFile] = field(default_factory=dict)
    changed: tuple[Changed, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.source}/{self.stream.name}"

    @property
    def causes(self) -> frozenset[Cause]:
        return frozenset(one.cause for one in self.changed)

    def files(self, causes: Collection[Cause]) -> tuple[LiveFile, ...]:
        """What the stream holds where these causes are counted in and no others."""
        mine = self.causes & frozenset(causes)
        if mine in self.since:
            return (*self.before, self.since[mine])
        return (*self.before, *(self.since[frozenset([one])] for one in sorted(mine)))


def composed(frozen: Frozen, streams: Collection[str], folder: Path) -> list[Composed]:
    """The streams (``source/stream``) as they were and with what changed, in files below ``folder`` where those of
    landing do not do. Raises ``FrozenError`` where landing no longer holds what was frozen."""
    found = []
    for source, its in streams_by_source().items():
        for stream in its:
            if f"{source}/{stream.name}" in streams:
                found.append(_composed(frozen, source, stream, folder / source / stream.name))
    return found


def write(home: Path, streams: Sequence[Composed], causes: Collection[Cause]) -> None:
    """Makes the landing zones of a home, which hold what was there and the rows of these causes."""
    for one in streams:
        if not one.before:
            continue  # it never landed, and reads as a table without rows
        zone = Zone(str(home / ("restricted/landing" if one.stream.is_restricted else "landing")))
        root = Path(zone.root).resolve()
        # dbt finds a file by the zone and its place in it; landing's own lie where they are.
        files = tuple(replace(file, path=os.path.relpath(file.path, root)) for file in one.files(causes))
        loads = sorted({load for file in files for load in file.load_ids})
        write_manifest(zone, Manifest(one.source, one.stream.name, files, tuple(loads)))


def _composed(frozen: Frozen, source: str, stream: Stream, folder: Path) -> Composed:
    zone, name = zone_of(stream), f"{source}/{stream.name}"
    manifest = read_manifest(zone, source, stream.name)
    if manifest is None:
        return Composed(source, stream, ())
    known = frozen.streams.get(name)
    then = {*(known.load_ids if known else ())}
    since = {*manifest.load_ids} - then
    files = [(file, zone.readable(file.path)) for file in manifest.files]
    with reading() as connection, private_files():
        if known and measured(connection, stream, manifest, then) != known:
            raise FrozenError(
                f"{name}: landing no longer holds the {known.rows} rows that snapshot {frozen.snapshot_id} was made "
                "from; restore them from a backup of the landing zone"
            )
        before = tuple(_before(connection, zone, files, then, folder))
        if not since:
            return Composed(source, stream, before)
        read = [path for file, path in files if {*file.load_ids} & {*then, *since}]
        connection.execute(f"create view landed as from read_parquet({sql.texts(read)}, union_by_name = true)")
        connection.execute("create table then_loads as select unnest($loads::varchar[]) as id", {"loads": sorted(then)})
        connection.execute("create table new_loads as select unnest($loads::varchar[]) as id", {"loads": sorted(since)})
        folder.mkdir(parents=True, exist_ok=True)
        changed = _events_changed(connection) if stream.is_events else _records_changed(connection, name)
        counted = tuple(_counted(connection, name, stream))
        made = {
            causes: _written(connection, query, folder / f"since-{number}.parquet")
            for number, (causes, query) in enumerate(changed)
        }
    return Composed(source, stream, before, made, counted)


def _before(
    connection: duckdb.DuckDBPyConnection,
    zone: Zone,
    files: Sequence[tuple[LiveFile, str]],
    then: Collection[str],
    folder: Path,
) -> Iterator[LiveFile]:
    """The rows of these loads: files of landing that hold nothing else as they are, of others a copy."""
    for number, (file, path) in enumerate(files):
        mine = tuple(one for one in file.load_ids if one in then)
        if file.load_ids and not mine:
            continue
        if zone.is_local and len(mine) == len(file.load_ids):
            yield replace(file, path=str(Path(path).resolve()))
            continue
        folder.mkdir(parents=True, exist_ok=True)
        query = f"from read_parquet({sql.text(path)})" + (f" where _dlt_load_id in {sql.texts(mine)}" if mine else "")
        yield _written(connection, query, folder / f"before-{number}.parquet", mine)


def _records_changed(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[frozenset[Cause], str]]:
    """Queries of the rows of each cause."""
    connection.execute(
        "create table known as select distinct record_id from landed where _dlt_load_id in (from then_loads)"
    )
    if name in OF_STREAMS:
        cause = sql.text(OF_STREAMS[name])
    elif name == CUSTOMERS:
        connection.execute(_MERGED)
        cause = (
            f"case when record_id in (from merged) then {sql.text(Cause.IDENTITY)} else {sql.text(Cause.MAPPING)} end"
        )
    else:
        if name == LEDGER:
            connection.execute(_GROWN)
        same = "record_id in (from known)" + (" and record_id not in (from grown)" if name == LEDGER else "")
        cause = f"case when {same} then {sql.text(Cause.EDIT)} else {sql.text(Cause.LATE)} end"
    connection.execute(
        f"create view changed as select *, {cause} as cause from landed where _dlt_load_id in (from new_loads)"
    )
    causes = [Cause(one) for (one,) in connection.execute("select distinct cause from changed").fetchall()]
    return [
        (frozenset([one]), f"select * exclude (cause) from changed where cause = {sql.text(one)}")
        for one in sorted(causes)
    ]


_MERGED = """
create table merged as
with versions as (
    select
        record_id, is_deleted, payload, (_dlt_load_id, sequence) as place,
        _dlt_load_id in (from then_loads) as is_before
    from landed
),

described as (
    select
        record_id,
        json_extract_string(arg_max(payload, place), '$.customer_id') as customer_id
    from versions
    group by record_id
),

sides as (
    select record_id, 'before' as side, arg_max_null(payload, place) as payload
    from versions where is_before group by record_id having not arg_max(is_deleted, place)
    union all
    select record_id, 'after', arg_max_null(payload, place)
    from versions group by record_id having not arg_max(is_deleted, place)
),

parents as (
    select
        described.customer_id,
        list_sort(list(distinct json_extract_string(payload, '$.parent_id')) filter (where side = 'before')) as before,
        list_sort(list(distinct json_extract_string(payload, '$.parent_id')) filter (where side = 'after')) as after
    from sides inner join described using (record_id)
    group by described.customer_id
)

select record_id from described inner join parents using (customer_id)
where parents.before is distinct from parents.after
"""
"""Records of customers that have other parents than then."""


_GROWN = r"""
set variable line =
    '"ColData":\s*\[(?:\s*\{(?:\s*"\w+":\s*"(?:[^"\\]|\\.)*"\s*,?)*\}\s*,?)*\s*\]\s*,\s*"type":\s*"Data"';

create table grown as
with newest as (
    select
        record_id,
        arg_max(payload, (_dlt_load_id, sequence)) filter (where _dlt_load_id in (from then_loads)) as before,
        arg_max_null(payload, (_dlt_load_id, sequence)) as after
    from landed group by record_id
),

lines as (
    select record_id, 'before' as side, unnest(regexp_extract_all(before, getvariable('line'))) as line from newest
    union all
    select record_id, 'after', unnest(regexp_extract_all(after, getvariable('line'))) from newest
),

counted as (
    select
        record_id, line,
        count(*) filter (where side = 'before') as before,
        count(*) filter (where side = 'after') as after
    from lines group by record_id, line
)

select record_id from counted group by record_id having bool_and(before <= after)
"""
"""Answers of the ledger that have all of their lines still, and more: a document came late."""


def _events_changed(connection: duckdb.DuckDBPyConnection) -> list[tuple[frozenset[Cause], str]]:
    """Of an hour that landed again only the newest landing counts: so with either cause alone the whole hour is put
    together anew, and says that it landed with the newest."""
    connection.execute("""
        create table hours as
        select
            project_id, export_hour, max(_dlt_load_id) as load_id,
            max(_dlt_load_id) filter (where _dlt_load_id in (from then_loads)) as then_load_id
        from landed group by project_id, export_hour
        having load_id in (from new_loads)
    """)
    key = "coalesce(nullif(trim(uuid), ''), payload_hash::varchar)"
    connection.execute(f"""
        create view before as
        select landed.*, {key} as record_id, hours.load_id from landed inner join hours using (project_id, export_hour)
        where landed._dlt_load_id = hours.then_load_id and payload is not null
    """)
    connection.execute(f"""
        create view after as
        select landed.*, {key} as record_id, hours.load_id from landed inner join hours using (project_id, export_hour)
        where landed._dlt_load_id = hours.load_id
    """)
    late, edit = sql.text(Cause.LATE), sql.text(Cause.EDIT)
    connection.execute(f"""
        create view changed as
        select record_id, {late} as cause from after anti join before using (project_id, export_hour, record_id)
        where payload is not null
        union all
        select record_id, {edit} from before left join after using (project_id, export_hour, record_id)
        where before.payload_hash is distinct from after.payload_hash
    """)
    kept = "select * exclude (record_id, load_id) replace (load_id as _dlt_load_id) from"
    there = f"""
        {kept} after semi join before using (project_id, export_hour, record_id)
        union all by name
        -- All that was there is gone: a row without payload says so, as in landing.
        select * exclude (record_id, load_id) replace (load_id as _dlt_load_id, null as uuid, null as payload,
            null as payload_hash)
        from (
            select distinct on (project_id, export_hour) after.*
            from after anti join (
                from after semi join before using (project_id, export_hour, record_id)
            ) as stayed using (project_id, export_hour)
        )
    """
    came = f"{kept} after anti join before using (project_id, export_hour, record_id)"
    queries = {
        frozenset([Cause.LATE]): f"{kept} before union all {came}",
        frozenset([Cause.EDIT]): there,
        frozenset([Cause.LATE, Cause.EDIT]): f"{kept} after",
    }
    found = {Cause(one) for (one,) in connection.execute("select distinct cause from changed").fetchall()}
    return [(causes, query) for causes, query in queries.items() if causes <= found]


def _counted(connection: duckdb.DuckDBPyConnection, name: str, stream: Stream) -> Iterator[Changed]:
    rows = connection.execute(
        f"select cause, count(distinct record_id), list_sort(list(distinct record_id))[:{SHOWN}] from changed "
        "group by cause order by cause"
    ).fetchall()
    for cause, records, ids in rows:
        shown = () if stream.is_restricted or name.startswith(NAMELESS) else tuple(ids)
        yield Changed(name, Cause(cause), records, shown)


def _written(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, load_ids: Sequence[str] | None = None
) -> LiveFile:
    connection.execute(f"copy ({query}) to {sql.text(path)} (format parquet)")
    rows = connection.execute(
        f"select count(*), list_sort(list(distinct _dlt_load_id)) from read_parquet({sql.text(path)})"
    ).fetchall()
    number, loads = rows[0]
    return LiveFile(
        str(path.resolve()), tuple(load_ids if load_ids is not None else loads or ()), number, path.stat().st_size
    )
