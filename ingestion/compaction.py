"""Small landing files made one.

Belongs here: rewriting files, markers and manifests of the landing zone without changing what it says. Does not: making
loads (landing.py), deciding when (orchestration).

Hourly loads of 40 tables make 350,000 files a year. A compacted file holds the rows of several loads with their load
ids. The order makes a kill harmless at any point: the new file is written beside and renamed, then the manifest is
replaced in one step, and only a later compaction deletes what was replaced, when its last readers are gone. Times here
are the machine's own, not the clock of ``PRODOPS_NOW``: they say how old a file is, not what day the company has.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.home import private_files
from ingestion.landing import source_lock
from ingestion.manifests import (
    COMPACTED,
    CURSORS,
    LiveFile,
    Manifest,
    RetiredFile,
    Stream,
    Zone,
    completed_loads,
    live_file,
    load_id_of,
    refresh,
    write_manifest,
    zones_of,
)

SMALL = 32 * 2**20
TARGET = 128 * 2**20
WORTH_IT = 8
"""Fewer small files than this are left alone: rewriting them costs more than reading them."""
GRACE = timedelta(days=1)
"""How long a replaced file stays for readers that took the manifest before it was replaced."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What compaction did to one stream: live files before and after, files deleted from disk."""

    source: str
    stream: str
    before: int
    after: int
    deleted: int


def compact(source: str, streams: Sequence[Stream], *, grace: timedelta = GRACE) -> list[Compacted]:
    """Compacts every stream of a source. Raises ``LeaseError`` while the source is being landed."""
    with source_lock(source):
        return [done for zone, its in zones_of(streams) for done in _compact_zone(zone, source, its, grace)]


def _compact_zone(zone: Zone, source: str, streams: Sequence[Stream], grace: timedelta) -> list[Compacted]:
    completed = completed_loads(zone, source)
    done = [_compact_stream(zone, source, stream, grace) for stream in (*streams, CURSORS)]
    _compact_markers(zone, source, completed)
    return done


def _compact_stream(zone: Zone, source: str, stream: Stream, grace: timedelta) -> Compacted:
    before = refresh(zone, source, stream)
    manifest = before
    for group in _groups(before.files):
        merged = _merge(zone, source, stream.name, group)
        replaced = {file.path for file in group}
        place = manifest.files.index(group[0])
        rest = tuple(file for file in manifest.files if file.path not in replaced)
        now = time.time()
        manifest = replace(
            manifest,
            files=(*rest[:place], merged, *rest[place:]),
            retired=(*manifest.retired, *(RetiredFile(path, now) for path in sorted(replaced))),
        )
        write_manifest(zone, manifest)
    return Compacted(source, stream.name, len(before.files), len(manifest.files), _sweep(zone, manifest, grace))


def _groups(files: Sequence[LiveFile]) -> Iterator[list[LiveFile]]:
    """Runs of neighbouring small files, so that load ids stay in order from file to file."""
    group: list[LiveFile] = []
    for file in (*files, None):
        if file is not None and file.load_ids and file.bytes < SMALL and sum(f.bytes for f in group) < TARGET:
            group.append(file)
            continue
        if len(group) >= WORTH_IT:
            yield group
        group = [file] if file is not None and file.load_ids and file.bytes < SMALL else []


def _merge(zone: Zone, source: str, stream: str, group: Sequence[LiveFile]) -> LiveFile:
    load_ids = sorted({load_id for file in group for load_id in file.load_ids})
    relative = f"{source}/{stream}/{load_ids[-1]}{COMPACTED}{len(load_ids)}.parquet"
    beside = f"{relative}.tmp"
    with private_files(), zone.fs.open(zone.path(beside), "wb") as sink:
        writer: pq.ParquetWriter | None = None
        # batches of the files as they are: a group never stands in memory whole
        for file in group:
            with zone.fs.open(zone.path(file.path), "rb") as origin:
                for batch in pq.ParquetFile(origin).iter_batches():
                    writer = writer or pq.ParquetWriter(sink, batch.schema)
                    writer.write_table(pa.Table.from_batches([batch]))
        if writer is not None:
            writer.close()
    zone.fs.mv(zone.path(beside), zone.path(relative))
    merged = live_file(zone, relative, load_ids)
    if merged.rows != sum(file.rows for file in group):
        raise RuntimeError(f"{relative} has {merged.rows} rows, its parts have {sum(file.rows for file in group)}")
    return merged


def _sweep(zone: Zone, manifest: Manifest, grace: timedelta) -> int:
    """Deletes what was replaced longer ago than the grace, and what killed loads and compactions left behind."""
    oldest = time.time() - grace.total_seconds()
    folder = f"{manifest.source}/{manifest.stream}"
    live = {file.path for file in manifest.files}
    waiting = {file.path for file in manifest.retired if file.at > oldest}
    retired = {file.path for file in manifest.retired}
    deleted = 0
    for name in zone.names(folder):
        path = f"{folder}/{name}"
        load_id = load_id_of(name)
        of_killed_load = load_id is not None and float(load_id) < oldest
        if path in live or path in waiting:
            continue
        if name.endswith(".tmp") or COMPACTED in name or of_killed_load or path in retired:
            with contextlib.suppress(FileNotFoundError):
                zone.fs.rm_file(zone.path(path))
            deleted += 1
    kept = tuple(file for file in manifest.retired if file.path in waiting)
    if kept != manifest.retired:
        write_manifest(zone, replace(manifest, retired=kept))
    return deleted


def _compact_markers(zone: Zone, source: str, completed: set[str]) -> None:
    """One marker file for all completed loads; a kill between writing it and deleting the others leaves both, which
    says the same."""
    folder = f"{source}/_dlt_loads"
    names = [name for name in zone.names(folder) if name.endswith(".jsonl")]
    if len(names) < WORTH_IT:
        return
    merged = f"{source}__{max(completed)}{COMPACTED}{len(completed)}.jsonl"
    zone.replace(f"{folder}/{merged}", "\n".join(sorted(completed)).encode())
    for name in names:
        load_id = name.removesuffix(".jsonl").rpartition("__")[2]
        if name != merged and (COMPACTED in name or load_id in completed):
            zone.fs.rm_file(zone.path(f"{folder}/{name}"))
