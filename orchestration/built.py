"""What the warehouse was built from.

Belongs here: the record of the last build: its code, the loads of each stream, what of it is still due. Does not: what
is to be built next (plan.py).

The record is written before dbt starts, with everything that is to be built as due, and again when dbt has ended and
Dagster has every event, with what did not end well. A build that is killed in between is due as a whole.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ingestion.home import home
from ingestion.manifests import read_manifest, zone_of
from ingestion.sources import forecasts, streams_by_source
from ingestion.writes import write_atomically
from orchestration import dbt_process, versions, warehouse

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Loads:
    """The loads of a stream: how many and the newest. One that is found late is older, but one more."""

    number: int
    newest: str


@dataclass(frozen=True, slots=True)
class Built:
    """``code`` and ``engine``: fingerprints of what built, ``planning`` of what computed results. ``streams``: loads by
    ``source/stream``. ``due``: ids of nodes and results that did not end well or never ran, with whether they must be
    built from nothing. ``ran``: nodes and results of the last build, by how they ended, ``errors`` what those that
    failed said. ``at``: when it ended (ISO, UTC), None while it runs or after a kill."""

    code: str
    engine: str
    streams: Mapping[str, Loads]
    due: Mapping[str, bool] = field(default_factory=dict)
    ran: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    at: str | None = None
    planning: str = ""


def last() -> Built | None:
    """The record of the warehouse; None where nothing was built, or not all that was built is there."""
    kept = (_file(), manifest_folder() / MANIFEST)
    if not (all(path.exists() for path in kept) and warehouse.exists(home() / "warehouse.duckdb")):
        return None
    read = json.loads(_file().read_text())
    return Built(**{**read, "streams": {name: Loads(**loads) for name, loads in read["streams"].items()}})


def now() -> Built:
    """What a build that begins now is made from."""
    code, planning = versions.fingerprint(versions.PROJECT), versions.fingerprint(versions.PLANNING)
    return Built(code, versions.engine(), _loads(streams_by_source()), planning=planning)


def computed(build: Built) -> Built:
    """The same, with what results have landed since."""
    own = f"{forecasts.NAME}/"
    others = {name: loads for name, loads in build.streams.items() if not name.startswith(own)}
    return replace(build, streams=others | _loads([forecasts.NAME]))


def begin(build: Built, due: Mapping[str, bool]) -> None:
    """Notes what is due before dbt touches anything."""
    _write(replace(build, due=due))
    # After the record: killed in between, the next build compares with an older manifest and finds more, never less.
    write_atomically(manifest_folder() / MANIFEST, dbt_process.prepare().read_bytes())


def end(build: Built, due: Mapping[str, bool], ran: Mapping[str, str], errors: Mapping[str, str], at: str) -> None:
    """Notes how a build ended: ``ran`` is no longer due where it ended well."""
    left = {node: anew for node, anew in due.items() if ran.get(node) not in dbt_process.ENDED_WELL}
    # A run of tests alone says nothing of a model that failed before.
    still = {node: error for node, error in build.errors.items() if node in left and node not in ran}
    _write(replace(build, due=left, ran=ran, errors={**still, **errors}, at=at))


def manifest_folder() -> Path:
    """Where the manifest of the last build lies, for dbt to compare with."""
    return dbt_process.target() / "last_build"


def _loads(sources: Iterable[str]) -> dict[str, Loads]:
    found = {}
    for source in sources:
        for stream in streams_by_source()[source]:
            manifest = read_manifest(zone_of(stream), source, stream.name)
            if manifest and manifest.load_ids:
                found[f"{source}/{stream.name}"] = Loads(len(manifest.load_ids), manifest.load_ids[-1])
    return found


def _file() -> Path:
    return dbt_process.target() / "built.json"


def _write(build: Built) -> None:
    write_atomically(_file(), json.dumps(asdict(build), indent=1))
