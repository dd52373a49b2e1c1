"""What is published now.

Belongs here: where snapshots lie, which one is current, whether it is stale. Does not: making one (publish.py).

``published/current`` is a link to ``published/snapshots/<id>``. Resolve it once and read from the resolved folder: two
reads through the link may see two snapshots.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.errors import SettingsError
from ingestion.writes import write_atomically
from serving.failures import Failure
from serving.readers import COMPANY as COMPANY
from serving.readers import OWNERS, groups, let_in, share

MARTS = "marts"
"""The only schema that leaves the warehouse."""
MARTS_FILE = "marts.duckdb"


def file_for(audience: str) -> str:
    """The DuckDB file of a snapshot that holds whole marts for an audience. Files of portfolios lie in audiences/
    itself, named as people name portfolios: none of them is ever in the way of a folder."""
    return MARTS_FILE if audience == COMPANY else f"{OWNERS}/{audience}.duckdb"


@dataclass(frozen=True, slots=True)
class AsOf:
    """How new the rows of a mart are: the oldest of each clock over all sources that it is made from, and whose it is.
    Times are ISO, UTC."""

    as_of: str | None = None
    as_of_source: str | None = None
    expected_by: str | None = None
    expected_source: str | None = None
    loaded_at: str | None = None
    closed_fiscal_period: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot; it never changes."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def snapshot_id(self) -> str:
        return str(self.manifest["snapshot_id"])

    @property
    def held(self) -> dict[str, dict[str, Any]]:
        """Marts that were held back when it was made: ``because``, ``since`` (ISO, UTC) and ``rows_of``, the snapshot
        whose rows they show; None where none has any."""
        return dict(self.manifest.get("held", {}))

    @property
    def failures(self) -> list[Failure]:
        """All that was wrong when it was made, most of which holds marts back."""
        return [Failure(**{**one, "marts": tuple(one["marts"])}) for one in self.manifest.get("failures", ())]

    @property
    def moved(self) -> list[str]:
        """Marts that it took from the warehouse."""
        return [mart for mart in self.manifest["marts"] if mart not in self.held]

    @property
    def marts_file(self) -> Path:
        return self.folder / MARTS_FILE

    def audience(self, mart: str) -> str:
        """Who may see a mart."""
        return str(self.manifest["marts"][mart].get("audience", COMPANY))

    def as_of(self, mart: str) -> AsOf:
        """How new the rows of a mart are; nothing is known of what an older version published."""
        return AsOf(**self.manifest["marts"][mart].get("clocks", {}))

    def oldest(self, clock: str) -> str | None:
        """The oldest ``as_of`` or ``expected_by`` of any mart, ISO, UTC."""
        found = (getattr(self.as_of(mart), clock) for mart in self.manifest["marts"])
        return min((one for one in found if one), default=None)

    def file_of(self, mart: str) -> Path:
        """The file that holds a mart whole: the company's, or that of the people who alone may see it."""
        return self.folder / file_for(self.audience(mart))

    def connect(self, mart: str | None = None) -> duckdb.DuckDBPyConnection:
        """To the company's file, or to that of a mart."""
        return duckdb.connect(str(self.file_of(mart) if mart else self.marts_file), read_only=True)


@dataclass(frozen=True, slots=True)
class Status:
    """Whether the current snapshot is what the last run wanted to publish, in all of its marts. ``as_of`` and
    ``expected_by``: those of the mart whose data is oldest, and of that which is due first."""

    snapshot_id: str | None
    is_stale: bool
    reason: str | None = None
    since: str | None = None
    as_of: str | None = None
    expected_by: str | None = None


def folder(home: Path) -> Path:
    return home / "published"


def current(home: Path) -> Snapshot | None:
    """The snapshot that is served; None before the first."""
    link = folder(home) / "current"
    if not link.exists():
        return None
    return _read(link.resolve())


def snapshot(home: Path, snapshot_id: str) -> Snapshot:
    """A snapshot that is kept, whether it is served or not. Raises ``SettingsError`` where it is gone."""
    kept = folder(home) / "snapshots" / snapshot_id
    if not (kept / "manifest.json").is_file():
        raise SettingsError(str(kept), "this snapshot is gone; bring it back from a backup of the home")
    return _read(kept)


def _read(kept: Path) -> Snapshot:
    return Snapshot(kept, json.loads((kept / "manifest.json").read_text()))


def shown(home: Path) -> set[str]:
    """Snapshots whose rows anybody can read: those that are there, and those whose rows of a mart that was held back
    they show."""
    found: set[str] = set()
    for path in (folder(home) / "snapshots").glob("[!.]*/manifest.json"):
        kept = Snapshot(path.parent, json.loads(path.read_text()))
        found |= {kept.snapshot_id, *(str(one["rows_of"]) for one in kept.held.values() if one["rows_of"])}
    return found


def status(home: Path) -> Status:
    """Whether what is served is stale, since when and why."""
    served = current(home)
    served_id = served.snapshot_id if served else None
    path = folder(home) / "STATUS.json"
    marked = Status(**json.loads(path.read_text())) if path.exists() else Status(None, False)
    # A mark speaks of one snapshot: after a kill between the swap and the new mark, the old mark says nothing.
    return marked if marked.snapshot_id == served_id else Status(served_id, False)


def mark(home: Path, marked: Status) -> None:
    """Replaces the mark atomically."""
    write_beside(home, "STATUS.json", json.dumps(asdict(marked), indent=1))


def write_beside(home: Path, name: str, content: str) -> None:
    """Replaces a file that lies beside the snapshots and is for all who read them."""
    write_atomically(folder(home) / name, content, groups().get(COMPANY))


def admit_readers(home: Path) -> None:
    """Gives the groups of the setting what is published now, and no group anything where none is set."""
    given, published = groups(), folder(home)
    let_in(home, given)
    # Not the whole folder: another process may be building a snapshot in it.
    paths = [path for path in (published, published / "snapshots", *published.glob("*.json")) if path.exists()]
    served = current(home)
    share([*paths, *([served.folder, *served.folder.rglob("*")] if served else [])], given)
