"""What a board pack is made from, kept so that its figures can be made again.

Belongs here: which snapshots packs name; the loads, the models and the rules behind a snapshot, as a file of their own.
Does not: the pack (serving/board), making a figure again (replays.py), what changed since (causes.py).

``board/frozen/<snapshot>.json`` lists the loads of each stream that the snapshot was built from, with a hash of their
rows that stays the same when compaction makes other files of them. ``board/code/<hash>`` is the dbt project that built
it: each lies there once for all snapshots. Landing itself is append-only, so that naming loads freezes their rows.
"""

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.errors import ProdopsError
from ingestion.home import private_files, restricted
from ingestion.manifests import Manifest, Stream, Zone, read_manifest, zone_of
from ingestion.sources import streams_by_source
from ingestion.writes import write_atomically
from quality.reconciliation import built_loads, loads_built
from serving.board import packs
from serving.board.packs import SIDECAR
from serving.published import Snapshot, folder, snapshot

CODE_SUFFIXES = (".sql", ".yml", ".csv", ".md")
RULES = ("policy", "fiscal_periods", "allocation_rules", "overhead_types", "shared_drivers")
"""Streams of the company's files that say what figures mean."""
CLOCK = "read_days"
"""The stream of the company's files that is no file."""


class FrozenError(ProdopsError):
    """What a pack was made from can't be frozen, or is not what was frozen."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Loads:
    """Of a stream: the loads that were built, how many rows landed with them, and a hash of those rows."""

    load_ids: tuple[str, ...]
    rows: int
    content: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a snapshot was built from. ``code``: hash of the dbt project; ``mapping`` and ``definition``: of the
    company's files, and of those that say what figures mean. ``streams``: by ``source/stream``."""

    snapshot_id: str
    code_version: str
    code: str
    mapping: str
    definition: str
    streams: Mapping[str, Loads]

    @property
    def summary(self) -> dict[str, Any]:
        """What a pack says of it, for all who get the pack: without the load ids, which are as many as hours, and
        without what is restricted."""
        hidden = {
            f"{source}/{one.name}" for source, its in streams_by_source().items() for one in its if one.is_restricted
        }
        streams = {
            name: {
                "loads": len(one.load_ids),
                "newest": max(one.load_ids, default=None),
                "rows": one.rows,
                "content": one.content,
            }
            for name, one in self.streams.items()
            if name not in hidden
        }
        return {**asdict(self), "streams": streams}


def pinned(home: Path) -> set[str] | None:
    """The snapshots that packs name; None where a pack can't be read, because it may name any."""
    try:
        return {_named(path) for path in (home / "board").glob(f"*/*/{SIDECAR}")}
    except FrozenError:
        return None


def snapshot_of(home: Path, period: str, audience: str) -> Snapshot:
    """The snapshot that the pack of a period for an audience names. Raises ``FrozenError`` where there is none."""
    path = packs.folder(home, period, audience) / SIDECAR
    if not path.is_file():
        there = sorted(f"{one.parts[-3]} for {one.parts[-2]}" for one in (home / "board").glob(f"*/*/{SIDECAR}"))
        raise FrozenError(f"there is no pack of {period} for {audience}; there are {', '.join(there) or 'none'}")
    return snapshot(home, _named(path))


def _named(sidecar: Path) -> str:
    try:
        return str(json.loads(sidecar.read_text())["snapshot_id"])
    except (ValueError, KeyError, TypeError):
        raise FrozenError(f"{sidecar} names no snapshot; make the pack again: prodops board") from None


def freeze(home: Path, snapshot: Snapshot, code_version: str, project: Path) -> Frozen:
    """Keeps what a snapshot was made from; ``project`` is the dbt project, ``code_version`` that of the running code.

    Frozen once: a later pack of the same snapshot finds it. Raises ``FrozenError`` where the code that made the
    snapshot no longer runs, or the warehouse has been built from other loads since.
    """
    if known := read(home, snapshot.snapshot_id):
        return known
    made_by = str(snapshot.manifest["code_version"])
    if made_by != code_version:
        raise FrozenError(
            f"snapshot {snapshot.snapshot_id} was made by code {made_by} and not by {code_version}, which runs now, so "
            "that its models can't be frozen; prodops run publishes again"
        )
    warehouse = home / "warehouse.duckdb"
    if built_loads(warehouse) != snapshot.manifest["load_ids"]:
        raise FrozenError(
            f"snapshot {snapshot.snapshot_id} is not of the loads that the warehouse holds now, so that they can't be "
            "frozen; prodops run publishes again"
        )
    streams = dict(_streams(loads_built(warehouse)))
    of_files = {name.partition("/")[2]: one.content for name, one in streams.items() if name.startswith("files/")}
    code = code_hash(project)
    frozen = Frozen(
        snapshot.snapshot_id,
        made_by,
        code,
        _hash(of_files, of_files.keys() - {CLOCK}),
        _hash(of_files, RULES),
        streams,
    )
    _keep_code(home, code, project)
    write_atomically(_file(home, snapshot.snapshot_id), json.dumps(asdict(frozen)))
    _sweep(home)
    return frozen


def read(home: Path, snapshot_id: str) -> Frozen | None:
    """What a snapshot was made from; None where no pack was ever made of it."""
    path = _file(home, snapshot_id)
    if not path.exists():
        return None
    found = json.loads(path.read_text())
    streams = {name: Loads(tuple(one.pop("load_ids")), **one) for name, one in found.pop("streams").items()}
    return Frozen(**found, streams=streams)


def code_folder(home: Path, code: str) -> Path:
    """The dbt project of that hash."""
    return home / "board" / "code" / code


def code_hash(project: Path) -> str:
    """Of all that dbt reads of a project."""
    digest = hashlib.sha256()
    for path in files_of(project):
        digest.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def files_of(project: Path) -> list[Path]:
    """All that dbt reads of a project."""
    return sorted(path for path in project.rglob("*") if path.is_file() and path.suffix in CODE_SUFFIXES)


def measured(
    connection: duckdb.DuckDBPyConnection, stream: Stream, manifest: Manifest | None, load_ids: Collection[str]
) -> Loads:
    """Of the rows of these loads, whatever files they are in now."""
    zone = zone_of(stream)
    wanted = {*load_ids}
    files = [zone.readable(one.path) for one in manifest.files if wanted & {*one.load_ids}] if manifest else []
    if not files:
        return Loads(tuple(sorted(wanted)), 0, "")
    columns = ("project_id", "export_hour::timestamp", "uuid") if stream.is_events else ("record_id", "sequence")
    texts = ", ".join(f"coalesce(({one})::varchar, '')" for one in (*columns, "payload_hash", "_dlt_load_id"))
    row = connection.execute(
        f"select count(*), coalesce(sum(md5_number_lower(concat_ws(chr(0), {texts}))), 0) "
        "from read_parquet($files, union_by_name = true) where _dlt_load_id in (select unnest($loads))",
        {"files": files, "loads": sorted(wanted)},
    ).fetchone()
    rows, total = row or (0, 0)
    return Loads(tuple(sorted(wanted)), int(rows), f"{int(total) % 2**64:016x}")


def reading() -> duckdb.DuckDBPyConnection:
    """To read files of both zones with; what does not fit in memory is as private as they are."""
    connection = duckdb.connect(config={"temp_directory": str(restricted() / "spill")})
    connection.execute("set timezone = 'UTC'")
    if not (zone := Zone()).is_local:
        connection.register_filesystem(zone.fs)
    return connection


def _streams(ledger: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, Loads]]:
    with reading() as connection:
        for source, streams in streams_by_source().items():
            for stream in streams:
                base = f"base_{source}__{stream.name}"
                built = {*ledger.get(base, ()), *ledger.get(f"{base}_versions", ())}
                if built and (manifest := read_manifest(zone_of(stream), source, stream.name)):
                    its = built & {*manifest.load_ids}
                    yield f"{source}/{stream.name}", measured(connection, stream, manifest, its)


def _keep_code(home: Path, code: str, project: Path) -> None:
    target = code_folder(home, code)
    if target.exists():
        return
    beside = target.with_name(f".{code}.unfinished")
    shutil.rmtree(beside, ignore_errors=True)
    with private_files():
        for path in files_of(project):
            copy = beside / path.relative_to(project)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    beside.rename(target)


def _sweep(home: Path) -> None:
    """Drops what was frozen of snapshots that are gone and whose rows no other shows, and models of none."""
    frozen = home / "board" / "frozen"
    shown = set()
    for manifest in (folder(home) / "snapshots").glob("[!.]*/manifest.json"):
        described = json.loads(manifest.read_text())
        shown |= {described["snapshot_id"], *(one["rows_of"] for one in described.get("held", {}).values())}
    for path in frozen.glob("*.json"):
        if path.stem not in shown:
            path.unlink()
    codes = {str(json.loads(path.read_text())["code"]) for path in frozen.glob("*.json")}
    for old in (home / "board" / "code").iterdir():
        if old.name not in codes:
            shutil.rmtree(old)


def _file(home: Path, snapshot_id: str) -> Path:
    return home / "board" / "frozen" / f"{snapshot_id}.json"


def _hash(contents: Mapping[str, str], names: Iterable[str]) -> str:
    listed = [f"{name} {contents.get(name, '')}" for name in sorted(names)]
    return hashlib.sha256("\n".join(listed).encode()).hexdigest()[:32]
