"""Which files of the landing zone are live.

Belongs here: the zone's file system, markers of completed loads, the manifest of each stream. Does not: making loads
(landing.py), making small files one (compaction.py).

A load counts when its marker ``<source>/_dlt_loads/<source>__<load_id>.jsonl`` exists: dlt writes it after the last
data file. Readers never list a folder: one truncated file of a killed load would break them. They go by the stream's
manifest ``<source>/_manifests/<stream>.json``, replaced atomically and made again from markers and files when lost.

There are two zones of the same shape: the landing zone, and the restricted one for streams that are; a source with such
a stream has folders, markers and cursors in both.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.home import landing_url, restricted
from ingestion.writes import write_atomically

ENVELOPE = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("parent_id", pa.string()),
        pa.field("cursor", pa.string()),
        pa.field("is_deleted", pa.bool_(), nullable=False),
        pa.field("extracted_at", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("payload", pa.string()),
        pa.field("payload_hash", pa.int64()),
        pa.field("_dlt_load_id", pa.string(), nullable=False),
    ]
)
"""Columns of every REST stream; grain: one row per landed version of a record."""

EVENTS = pa.schema(
    [
        pa.field("project_id", pa.string()),
        pa.field("uuid", pa.string()),
        pa.field("insert_id", pa.string()),
        pa.field("event_type", pa.string()),
        pa.field("event_time", pa.timestamp("us", "UTC")),
        pa.field("server_upload_time", pa.timestamp("us", "UTC")),
        pa.field("user_id", pa.string()),
        pa.field("device_id", pa.string()),
        pa.field("amplitude_id", pa.int64()),
        pa.field("session_id", pa.int64()),
        pa.field("export_hour", pa.timestamp("us", "UTC")),
        pa.field("extracted_at", pa.timestamp("us", "UTC")),
        pa.field("payload", pa.string()),
        pa.field("payload_hash", pa.int64()),
        pa.field("_dlt_load_id", pa.string()),
    ]
)
"""Columns of a stream of exported events; grain: one row per line of one landing of an hour, or, with no payload, one
row for an hour that had lines in an earlier landing and has none now. Of a project's hour only the newest load counts.
Typed columns are null where the line does not have them so; project, hour, timestamp and load are never null (DuckDB's
writer can't say so)."""

MEANINGS = {
    "record_id": "The vendor's id of the record; parts of a composite one are joined by /.",
    "parent_id": "The id of the record that it belongs to, where the vendor lists records by their parent.",
    "cursor": "The value by which the vendor says how new the record is, as received.",
    "is_deleted": "Whether this version says that the record is gone.",
    "extracted_at": "When the answer or file that it stood in was read, UTC.",
    "sequence": "Order within the load: of the versions of one load the greatest counts.",
    "payload": "The record's own text as it came, JSON; null where it is gone.",
    "payload_hash": "Hash of the payload: an equal one lands no second time.",
    "_dlt_load_id": "The load that landed it; of a record the newest load counts.",
    "project_id": "Amplitude project.",
    "uuid": "Amplitude's id of the event.",
    "insert_id": "The sender's id of the event, by which a repeated one is known.",
    "event_type": "Name of the event.",
    "event_time": "When it happened, UTC.",
    "server_upload_time": "When Amplitude took it in, UTC.",
    "user_id": "The company's id of the user, where one was signed in.",
    "device_id": "Amplitude's id of the device.",
    "amplitude_id": "Amplitude's id of the user.",
    "session_id": "Start of the session, unix milliseconds.",
    "export_hour": "Hour in which Amplitude took it in, UTC; an hour that lands again replaces itself.",
}
"""What each column of both schemas says."""

EMPTY_FILE = "empty.parquet"
COMPACTED = ".compacted-"


@dataclass(frozen=True, slots=True)
class Stream:
    """One landing table; ``key`` is where its records carry their id."""

    name: str
    description: str
    key: str
    schema: pa.Schema = field(default=ENVELOPE, repr=False)
    is_restricted: bool = False
    """Whether nobody but the owner of the home may see it, such as people's pay: it has a zone of its own."""

    @property
    def is_events(self) -> bool:
        """Whether it lands by the hour in which the vendor took events in."""
        return bool(self.schema is EVENTS)


CURSORS = Stream("cursors", "How far each stream was read, as of each load", "stream")
"""Every source has it beside its own streams."""


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A Parquet file that readers read; ``path`` is relative to the landing zone."""

    path: str
    load_ids: tuple[str, ...]
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RetiredFile:
    """A file that was compacted away at ``at`` (unix seconds) and waits for its last readers before it is deleted."""

    path: str
    at: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """Live files of one stream and its completed loads, oldest first."""

    source: str
    stream: str
    files: tuple[LiveFile, ...]
    load_ids: tuple[str, ...]
    retired: tuple[RetiredFile, ...] = ()

    def since(self, load_id: str | None) -> list[LiveFile]:
        """Files that hold a load above ``load_id``; all that hold rows where it is None."""
        return [file for file in self.files if file.load_ids and (load_id is None or file.load_ids[-1] > load_id)]


class Zone:
    """The landing zone as a file system: a local folder or an object store, through fsspec."""

    def __init__(self, url: str | None = None) -> None:
        self.url = url or landing_url()
        self.fs: Any
        self.fs, root = fsspec.url_to_fs(self.url)
        self.root = str(root).rstrip("/")
        self.is_local = "file" in (self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,))

    def path(self, relative: str) -> str:
        """The path of a file in the zone, as its file system names it."""
        return posixpath.join(self.root, relative)

    def readable(self, relative: str) -> str:
        """The same as DuckDB reads it: plain when local, with the protocol otherwise."""
        return self.path(relative) if self.is_local else str(self.fs.unstrip_protocol(self.path(relative)))

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder; none where the folder is not there yet."""
        self.fs.invalidate_cache()
        try:
            return sorted(posixpath.basename(found) for found in self.fs.ls(self.path(folder), detail=False))
        except FileNotFoundError:
            return []

    def replace(self, relative: str, content: bytes) -> None:
        """Writes a file so that readers see the old or the new one, also after a kill."""
        target = self.path(relative)
        if self.is_local:
            write_atomically(Path(target), content)
        else:  # an object store puts whole objects
            self.fs.makedirs(posixpath.dirname(target), exist_ok=True)
            self.fs.pipe_file(target, content)

    def read(self, relative: str) -> bytes | None:
        """The content of a file, None where there is none."""
        try:
            return bytes(self.fs.cat_file(self.path(relative)))
        except FileNotFoundError:
            return None


def zone_of(stream: Stream) -> Zone:
    """Where a stream lands. What is restricted never leaves this machine, wherever the rest lands."""
    return Zone(str(restricted() / "landing")) if stream.is_restricted else Zone()


def zones_of(streams: Iterable[Stream]) -> Iterator[tuple[Zone, list[Stream]]]:
    """The zones that streams of a source land in, each with its own: first the landing zone, then, where something is
    restricted, the one for that."""
    streams = list(streams)
    yield Zone(), [stream for stream in streams if not stream.is_restricted]
    if hidden := [stream for stream in streams if stream.is_restricted]:
        yield zone_of(hidden[0]), hidden


def manifest_path(source: str, stream: str) -> str:
    return f"{source}/_manifests/{stream}.json"


def read_manifest(zone: Zone, source: str, stream: str) -> Manifest | None:
    """The manifest of a stream; None where the stream was never prepared."""
    content = zone.read(manifest_path(source, stream))
    if content is None:
        return None
    data = json.loads(content)
    return Manifest(
        source,
        stream,
        tuple(LiveFile(f["path"], tuple(f["load_ids"]), f["rows"], f["bytes"]) for f in data["files"]),
        tuple(data["load_ids"]),
        tuple(RetiredFile(r["path"], r["at"]) for r in data["retired"]),
    )


def write_manifest(zone: Zone, manifest: Manifest) -> None:
    zone.replace(manifest_path(manifest.source, manifest.stream), json.dumps(asdict(manifest)).encode())


def completed_loads(zone: Zone, source: str) -> set[str]:
    """Ids of the completed loads of a source: by a marker's name, by its lines once compacted."""
    completed = set()
    for name in zone.names(f"{source}/_dlt_loads"):
        if not name.endswith(".jsonl"):
            continue
        if COMPACTED in name:
            lines = (zone.read(f"{source}/_dlt_loads/{name}") or b"").decode().split()
            completed.update(lines)
        else:
            completed.add(name.removesuffix(".jsonl").rpartition("__")[2])
    return completed


def refresh(zone: Zone, source: str, stream: Stream) -> Manifest:
    """Brings the manifest up to the markers: adopts the files of loads that completed, makes the typed empty file.

    Safe at any time and after any kill: files of a load without its marker stay unseen.
    """
    manifest = read_manifest(zone, source, stream.name)
    if manifest is None:
        manifest = Manifest(source, stream.name, (_empty_file(zone, source, stream),), ())
        known = _compacted_files(zone, source, stream.name)
        changed = True
    else:
        known, changed = [], False
    covered = {load_id for file in known for load_id in file.load_ids} | set(manifest.load_ids)
    completed = completed_loads(zone, source)
    for name in zone.names(f"{source}/{stream.name}"):
        load_id = load_id_of(name)
        if load_id is not None and load_id in completed and load_id not in covered:
            known.append(live_file(zone, f"{source}/{stream.name}/{name}", (load_id,)))
    if known or changed:
        load_ids = sorted({*manifest.load_ids, *(load_id for file in known for load_id in file.load_ids)})
        files = (*manifest.files, *sorted(known, key=lambda file: file.load_ids[0]))
        manifest = replace(manifest, files=files, load_ids=tuple(load_ids))
        write_manifest(zone, manifest)
    return manifest


def recover(streams: Mapping[str, Iterable[Stream]]) -> None:
    """Makes manifests that are lost again, by source, where anything has landed: a backup has none."""
    for source, landing in streams.items():
        for zone, some in zones_of(landing):
            there = {*zone.names(f"{source}/_manifests")}
            lost = [stream for stream in some if f"{stream.name}.json" not in there]
            if lost and zone.names(f"{source}/_dlt_loads"):
                for stream in lost:
                    refresh(zone, source, stream)


def load_id_of(name: str) -> str | None:
    """The load that wrote a data file, by its name ``<load_id>.<file_id>.parquet``; None for any other file."""
    stem, _, ending = name.rpartition(".")
    if ending != "parquet" or name == EMPTY_FILE or COMPACTED in name:
        return None
    load_id, _, file_id = stem.rpartition(".")
    return load_id if load_id and file_id else None


def live_file(zone: Zone, relative: str, load_ids: Iterable[str]) -> LiveFile:
    """A data file as the manifest lists it; raises ``pyarrow.ArrowInvalid`` when it is not whole."""
    with zone.fs.open(zone.path(relative), "rb") as file:
        rows = pq.ParquetFile(file).metadata.num_rows
    return LiveFile(relative, tuple(load_ids), rows, zone.fs.size(zone.path(relative)))


def _compacted_files(zone: Zone, source: str, stream: str) -> list[LiveFile]:
    """Compacted files whole enough to read, for a manifest that was lost; what they cover is not taken twice."""
    found: list[LiveFile] = []
    covered: set[str] = set()
    names = [name for name in zone.names(f"{source}/{stream}") if COMPACTED in name and name.endswith(".parquet")]
    for name in reversed(names):
        relative = f"{source}/{stream}/{name}"
        with zone.fs.open(zone.path(relative), "rb") as file:
            loads = sorted(set(pq.read_table(file, columns=["_dlt_load_id"])["_dlt_load_id"].to_pylist()))
        if not covered.intersection(loads):
            covered.update(loads)
            found.append(live_file(zone, relative, loads))
    return found


def _empty_file(zone: Zone, source: str, stream: Stream) -> LiveFile:
    sink = pa.BufferOutputStream()
    pq.write_table(stream.schema.empty_table(), sink)
    relative = f"{source}/{stream.name}/{EMPTY_FILE}"
    zone.replace(relative, sink.getvalue().to_pybytes())
    return live_file(zone, relative, ())
