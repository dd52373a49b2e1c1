"""Publishing: a new snapshot is built beside, then swapped in by one rename.

Belongs here: what a snapshot holds and the order of file operations that makes a kill harmless. Does not: whether the
checks are green; the caller passes them in. A mart that a failed one speaks of keeps the rows of the last snapshot, all
others move; where none may move ``publish`` refuses.

Order: build in ``.building-<id>`` (seen by nobody) -> compare with the warehouse -> fsync -> rename to
``snapshots/<id>`` -> swap ``current`` -> mark -> drop old ones. Killed between any two, readers see the old snapshot or
the new one; the next publish sweeps up. A run that lost its lease swaps nothing: it asks for its token before each
rename, and what it has half done, its link too, the sweep of the run that has the lease takes away. Rows are copied
into new files and never deleted from a copy: DuckDB leaves deleted rows in the file.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion import lease, sql
from ingestion.errors import ProdopsError
from ingestion.home import private_files
from ingestion.lease import Lease
from ingestion.writes import fsync_folder
from quality.reconciliation import COPIES, CopyCount, published_is_warehouse
from serving import audiences, clocks, failures, frozen, readers
from serving.clocks import Clock
from serving.comments import Comments, MartInfo, read, write_parquet
from serving.crash import point
from serving.failures import Check, Failure, in_words
from serving.published import (
    COMPANY,
    MARTS,
    MARTS_FILE,
    Snapshot,
    Status,
    current,
    file_for,
    folder,
    mark,
    status,
)

STORAGE_VERSION = "v1.0.0"
"""Files that every DuckDB reader from 1.0 on opens; without it a newer writer makes files that older readers refuse."""

KEPT = 5


class PublishError(ProdopsError):
    """The marts may not be published, or the copy is not what the warehouse holds."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Edition:
    """What a snapshot says about where it comes from; of a made-up company the published tables say it as well."""

    at: datetime
    code_version: str
    checks: Sequence[Check]
    load_ids: Mapping[str, Any] = field(default_factory=dict)
    marts: Mapping[str, MartInfo] = field(default_factory=dict)
    company: str = "company"
    is_made_up: bool = False
    clocks: Mapping[str, Clock] = field(default_factory=dict)

    def comments(self, mart: str) -> Comments:
        return self.marked(self.marts.get(mart, MartInfo()).comments())

    def marked(self, comments: Comments) -> Comments:
        """Comments that say so where the figures are made up."""
        if not self.is_made_up:
            return comments
        return replace(comments, table=f"Made-up figures: {self.company} is no real company. {comments.table}".strip())

    def held(self, marts: Iterable[str]) -> dict[str, str]:
        """Which of the marts may not move, with why."""
        stopping = [check for check in self.checks if not check.passed]
        found = {mart: [one for one in stopping if one.holds is None or mart in one.holds] for mart in marts}
        return {mart: _named(checks) for mart, checks in found.items() if checks}


def publish(home: Path, warehouse: Path, edition: Edition) -> Snapshot:
    """Publishes the warehouse's marts as a new snapshot and returns it; the last good one stays on any error."""
    if not edition.checks:
        raise PublishError("not published, nothing was checked; the last good snapshot stays")
    with duckdb.connect() as source:
        _attach(source, warehouse, "warehouse")
        tables = _tables(source)
    if not tables:
        raise PublishError(f"not published, the warehouse has no table in schema {MARTS}; run prodops build")
    known = {*tables, *edition.marts}
    held = edition.held(known)
    moving = [table for table in tables if table not in held]
    if not moving:
        raise PublishError(f"not published, {describe(held)}; the last good snapshot stays")
    with lease.hold(home, "publish", lease.PATIENCE_SECONDS) as mine, private_files():
        try:
            return _publish(home, warehouse, edition, _content(current(home), moving, held, edition), mine)
        except (OSError, duckdb.Error):
            mine.check()  # its files are gone, because the run that has the lease now swept them up
            raise


@dataclass(frozen=True, slots=True)
class _Content:
    """What a snapshot is to hold: the marts that move; of those that are held back what it says of each, their rows
    taken from ``served``; all that failed."""

    served: Snapshot | None
    moving: Sequence[str]
    held: Mapping[str, Mapping[str, Any]]
    failures: Sequence[Failure]

    @property
    def kept(self) -> list[str]:
        """Marts that are held back and have rows."""
        return [mart for mart, one in self.held.items() if one["rows_of"]]


def _content(served: Snapshot | None, moving: Sequence[str], held: Mapping[str, str], edition: Edition) -> _Content:
    before = served.failures if served else []
    listed = failures.listed(edition.checks, {*moving, *held}, before, edition.at)
    return _Content(served, moving, _held(served, held, edition.at), listed)


def _publish(home: Path, warehouse: Path, edition: Edition, content: _Content, mine: Lease) -> Snapshot:
    snapshots = folder(home) / "snapshots"
    snapshots.mkdir(parents=True, exist_ok=True)
    sweep(home)
    snapshot_id = _next_id(snapshots, edition.at)
    building = snapshots / f".building-{snapshot_id}"
    building.mkdir()
    point("publish")
    try:
        manifest = _build(building, warehouse, edition, snapshot_id, content)
        readers.share([folder(home), snapshots, building, *building.rglob("*")], readers.groups())
        _fsync_tree(building)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)  # at once: on a full disk the mark that says why needs the room
        raise
    point("publish")
    mine.check()
    os.rename(building, snapshots / snapshot_id)
    fsync_folder(snapshots)
    point("publish")
    _swap(home, snapshot_id, mine)
    point("publish")
    mine.check()
    _mark_published(home, Snapshot(snapshots / snapshot_id, manifest), edition.at)
    point("publish")
    mine.check()
    _drop_old(home)
    return Snapshot(snapshots / snapshot_id, manifest)


def _mark_published(home: Path, snapshot: Snapshot, at: datetime) -> None:
    """Not stale, or stale because marts are held back, since the first of them is."""
    held = snapshot.held
    since = min((str(one["since"]) for one in held.values()), default=at.isoformat())
    reason = describe({mart: str(one["because"]) for mart, one in held.items()}) or None
    oldest, due = snapshot.oldest("as_of"), snapshot.oldest("expected_by")
    mark(home, Status(snapshot.snapshot_id, bool(held), reason, since, oldest, due))


def describe(held: Mapping[str, str]) -> str:
    """Which marts are held back and why, in a line."""
    marts: dict[str, list[str]] = {}
    for mart, because in sorted(held.items()):
        marts.setdefault(because, []).append(mart)
    return "; ".join(f"{because} (holds back {', '.join(names)})" for because, names in marts.items())


def is_same(served: Snapshot | None, edition: Edition) -> bool:
    """Whether a snapshot was made by the same code from the same loads as this edition would be."""
    if served is None:
        return False
    made = (served.manifest["code_version"], served.manifest["load_ids"])
    return made == (edition.code_version, dict(edition.load_ids))


def confirm(home: Path, warehouse: Path, edition: Edition) -> Snapshot | None:
    """The snapshot that is served, if it holds what this edition would, and marked as such; None if it does not.

    Nothing is confirmed that ``publish`` would refuse.
    """
    served = current(home)
    if served is None or not edition.checks or not is_same(served, edition):
        return None
    with duckdb.connect() as source:
        _attach(source, warehouse, "warehouse")
        tables = _tables(source)
    held = edition.held({*tables, *edition.marts})
    moving = [table for table in tables if table not in held]
    known = {mart: why["because"] for mart, why in served.held.items()}
    if not moving or moving != served.moved or held != known:
        return None
    if _content(served, moving, held, edition).failures != served.failures:
        return None
    by_audience = {mart: served.audience(mart) for mart in moving}
    if not all(copy.ties for copy in _compared(warehouse, MARTS, served.folder, by_audience)):
        return None
    _mark_published(home, served, datetime.fromisoformat(served.manifest["published_at"]))
    return served


def _named(stopping: Sequence[Check]) -> str:
    """What a person must mend: what is red or failed, and where nothing is, what did not run."""
    return in_words([one for one in stopping if one.is_cause] or stopping)


def _held(served: Snapshot | None, because: Mapping[str, str], at: datetime) -> dict[str, dict[str, Any]]:
    """What a snapshot says of each mart that may not move: why, since when, and of which snapshot its rows are."""
    found = {}
    for mart, why in sorted(because.items()):
        of = served.snapshot_id if served and mart in served.manifest["marts"] else None
        first = {"since": at.isoformat(), "rows_of": of}
        found[mart] = {**first, **(served.held.get(mart, {}) if served else {}), "because": why}
    return found


def mark_stale(home: Path, reason: str, at: datetime) -> None:
    """Says that what is served is not what the last run wanted; nothing to say before the first publish."""
    before = status(home)
    if before.snapshot_id is None:
        return
    since = before.since if before.is_stale else at.isoformat()
    mark(home, replace(before, is_stale=True, reason=reason, since=since))


def sweep(home: Path) -> None:
    """Removes what a killed publish left: half-built folders, links beside the link."""
    published = folder(home)
    for left in (published / "snapshots").glob(".*"):
        shutil.rmtree(left)
    for left in [*published.glob(".current-*"), *published.glob("*.tmp")]:
        left.unlink()


def _next_id(snapshots: Path, at: datetime) -> str:
    # The clock may stand still (a made-up company) or a kill may leave a snapshot that was never swapped in.
    last = max((_number(found) for found in snapshots.iterdir()), default=0)
    return f"{at:%Y%m%dT%H%M%SZ}-{last + 1:04d}"


def _number(snapshot: Path) -> int:
    return int(snapshot.name.rpartition("-")[2])


def _tables(source: duckdb.DuckDBPyConnection) -> list[str]:
    """The marts that the warehouse, attached, holds."""
    found = source.execute(
        "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = ? order by 1",
        [MARTS],
    ).fetchall()
    return [name for (name,) in found]


def _build(building: Path, warehouse: Path, edition: Edition, snapshot_id: str, content: _Content) -> dict[str, Any]:
    """Copies the marts that move from the warehouse and those held back from what is served; compares each copy."""
    served, kept = content.served, content.kept
    origins = [(warehouse, MARTS, list(content.moving)), *_kept(served, kept)]
    source = duckdb.connect()
    try:
        source.execute("set timezone = 'UTC'")
        copied = dict(sorted(_taken(source, origins, edition, served, kept)))
        dated = {
            table: (str(content.held[table]["rows_of"]), served.as_of(table))
            if served and table in kept
            else (snapshot_id, clocks.as_of(edition.clocks, edition.marts.get(table, MartInfo()).sources))
            for table in copied
        }

        def about(tables: Iterable[str]) -> str:
            return clocks.statements("new", {table: dated[table] for table in tables}, edition.marked(clocks.COMMENTS))

        shared = {table: rows for table, rows in copied.items() if rows.audience == COMPANY}
        _copy(source, building / MARTS_FILE, {table: rows.query for table, rows in shared.items()}, copied, about)
        rows_of = {mart: one["rows_of"] for mart, one in content.held.items()}
        comments = edition.marked(Comments(failures.COMMENT, failures.COMMENTS)).statements(failures.PLACE)
        failures.write(source, building / MARTS_FILE, content.failures, rows_of, comments)
        _attach(source, building / MARTS_FILE, "copied")
        for table, rows in shared.items():
            target = building / "parquet" / table
            target.mkdir(parents=True)
            write_parquet(source, f"from copied.main.{sql.name(table)}", target / f"{table}.parquet", rows.comments)
            point("publish")
        _audiences(source, building, copied, about)
        marts = {
            table: {**_described(source, building, table, rows), "clocks": asdict(dated[table][1])}
            for table, rows in copied.items()
        }
    finally:
        source.close()
    copies = [
        copy
        for file, schema, tables in origins
        for copy in _compared(file, schema, building, {table: copied[table].audience for table in tables})
    ]
    for copy in copies:
        if not copy.ties:
            raise PublishError(
                f"not published, {copy.differing} rows of {copy.mart} in {copy.where} differ from the warehouse"
            )
    manifest = {
        "snapshot_id": snapshot_id,
        "company": edition.company,
        "is_made_up": edition.is_made_up,
        "published_at": edition.at.isoformat(),
        "code_version": edition.code_version,
        "load_ids": dict(edition.load_ids),
        "checks": [asdict(check) for check in edition.checks],
        "marts": marts,
        "held": content.held,
        "failures": [asdict(one) for one in content.failures],
        "copies": [asdict(copy) for copy in copies],
    }
    (building / "manifest.json").write_text(json.dumps(manifest, indent=1))
    point("publish")
    return manifest


def _kept(served: Snapshot | None, marts: Sequence[str]) -> Iterator[tuple[Path, str, list[str]]]:
    """The files of what is served that hold these marts."""
    files = {mart: served.file_of(mart) for mart in marts} if served else {}
    for file in dict.fromkeys(files.values()):
        yield file, "main", [mart for mart in marts if files[mart] == file]


@dataclass(frozen=True, slots=True)
class _Rows:
    query: str
    key: tuple[str, ...]
    measures: tuple[str, ...]
    columns: frozenset[str]
    comments: Comments
    audience: str


def _taken(
    source: duckdb.DuckDBPyConnection,
    origins: Iterable[tuple[Path, str, Sequence[str]]],
    edition: Edition,
    served: Snapshot | None,
    kept: Sequence[str],
) -> Iterator[tuple[str, _Rows]]:
    """What is to be copied, by mart. One that is held back says of its rows what it said when they were published, and
    is for no more people than then."""
    for number, (file, schema, tables) in enumerate(origins):
        alias = f"origin_{number}"
        _attach(source, file, alias)
        for table in tables:
            info = edition.marts.get(table, MartInfo())
            comments, audience = edition.comments(table), info.audience
            if served and table in kept:
                comments = read(source, (alias, schema, table))
                audience = served.audience(table) if audience == COMPANY else audience
            yield table, _rows_of(source, (alias, schema, table), info, comments, audience)


def _compared(origin: Path, schema: str, snapshot: Path, by_audience: Mapping[str, str]) -> Iterator[CopyCount]:
    """The copies of marts, each known by its audience, with where they come from."""
    for audience in dict.fromkeys(by_audience.values()):
        marts = [mart for mart, one in by_audience.items() if one == audience]
        forms = COPIES if audience == COMPANY else [file_for(audience)]
        yield from published_is_warehouse(origin, snapshot, marts, schema, forms)


def _attach(source: duckdb.DuckDBPyConnection, file: Path, alias: str) -> None:
    source.execute(f"attach {sql.text(file)} as {alias} (read_only)")


def _rows_of(
    source: duckdb.DuckDBPyConnection,
    table: tuple[str, str, str],
    info: MartInfo,
    comments: Comments,
    audience: str,
) -> _Rows:
    columns = source.execute(
        "select column_name from duckdb_columns() where (database_name, schema_name, table_name) = (?, ?, ?)", table
    ).fetchall()
    # In the order of the key, the same rows make the same bytes.
    order = ", ".join(sql.name(column) for column in info.key) or "all"
    query = f"select * from {'.'.join(sql.name(part) for part in table)} order by {order}"
    return _Rows(query, info.key, info.measures, frozenset(name for (name,) in columns), comments, audience)


def _copy(
    source: duckdb.DuckDBPyConnection,
    target: Path,
    queries: Mapping[str, str],
    rows: Mapping[str, _Rows],
    about: Callable[[Iterable[str]], str],
) -> None:
    """Writes a file of tables with their comments, and the table ``about`` how new each of them is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source.execute(f"attach {sql.text(target)} as new (storage_version '{STORAGE_VERSION}')")
    for table, query in queries.items():
        # In the default schema: in a file called marts.duckdb a schema marts makes "marts.mart_x" ambiguous, so that
        # a reader could write neither that nor the bare name.
        source.execute(f"create table new.main.{sql.name(table)} as {query}")
        # In one transaction: each statement alone would write the log once more.
        source.execute(f"begin; {rows[table].comments.statements(f'new.main.{sql.name(table)}')}; commit")
    source.execute(f"begin; {about(queries)}; commit")
    source.execute("checkpoint new")
    source.execute("detach new")
    point("publish")


def _audiences(
    source: duckdb.DuckDBPyConnection,
    building: Path,
    copied: Mapping[str, _Rows],
    about: Callable[[Iterable[str]], str],
) -> None:
    """A file per portfolio, and one for each audience that alone may see some marts. What is of the company is taken
    from its copy, in the order in which it stands there."""
    tables = {table: rows.columns for table, rows in copied.items() if rows.audience == COMPANY}
    if query := audiences.portfolios(tables, "copied.main"):
        for (portfolio,) in source.execute(query).fetchall():
            queries = audiences.of_portfolio(str(portfolio), tables, "copied.main")
            _copy(source, building / audiences.file_of(str(portfolio)), queries, copied, about)
    for audience in sorted({rows.audience for rows in copied.values()} - {COMPANY}):
        own = {table: rows.query for table, rows in copied.items() if rows.audience == audience}
        queries = audiences.of_owners(own, list(tables), "copied.main")
        _copy(source, building / file_for(audience), queries, copied, about)


def _described(source: duckdb.DuckDBPyConnection, building: Path, table: str, rows: _Rows) -> dict[str, Any]:
    as_of = "max(data_as_of)" if "data_as_of" in rows.columns else "null"
    counted = source.execute(f"select count(*), {as_of} from ({rows.query})").fetchall()
    parquet = building / "parquet" / table / f"{table}.parquet"
    return {
        "rows": counted[0][0],
        "data_as_of": str(counted[0][1]) if counted[0][1] is not None else None,
        "key": list(rows.key),
        "measures": list(rows.measures),
        "audience": rows.audience,
        "sha256": hashlib.sha256(parquet.read_bytes()).hexdigest() if parquet.exists() else None,
    }


def _swap(home: Path, snapshot_id: str, mine: Lease) -> None:
    published = folder(home)
    link = published / f".current-{snapshot_id}"
    link.symlink_to(Path("snapshots") / snapshot_id, target_is_directory=True)
    point("publish")
    mine.check()
    point("publish")
    # Overtaken since it asked, its link is gone with the other run's sweep, and there is nothing to swap in.
    os.replace(link, published / "current")
    fsync_folder(published)


def _drop_old(home: Path) -> None:
    served, pins = current(home), frozen.pinned(home)
    found = sorted((folder(home) / "snapshots").iterdir(), key=_number)
    for old in found[:-KEPT]:
        if (served is None or old.name != served.folder.name) and pins is not None and old.name not in pins:
            # Renamed first, so that a kill in the middle leaves something that the next sweep knows as rubbish.
            rubbish = old.with_name(f".dropped-{old.name}")
            os.rename(old, rubbish)
            point("publish")
            shutil.rmtree(rubbish)
            point("publish")


def _fsync_tree(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir():
            fsync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    fsync_folder(root)
