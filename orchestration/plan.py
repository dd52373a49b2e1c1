"""What a build must do, and no more.

Belongs here: what changed since the last build and what follows from it. Does not: the record of the last build
(built.py), what the gate asks (gate.py), doing it (dbt_component.py).

A node is due when the project changed it (dbt's own ``state:modified``), when a stream that it reads has other loads,
when it did not end well the last time, when Dagster knows no good result of it, and when any of that holds for
something above it; a result that Python computes between models also when the code that computes it changed. No model
reads the clock (a law of the graph), so the passing of time makes nothing due.
"""

import hashlib
import json
from collections.abc import Iterable, Set
from dataclasses import asdict, dataclass, field, replace

import dagster as dg
from dagster import DagsterInstance

from ingestion import unread
from ingestion.sources import SOURCES
from orchestration import built, clocks, dbt_process, gate, manifest
from orchestration.built import Built


@dataclass(frozen=True, slots=True)
class Due:
    """``nodes``: ids of models, seeds, tests and results, with whether they must be built from nothing.
    ``everything``: the warehouse is not there, or was built by other engines or settings, and is built anew.
    ``proofs``: checks that are no tests of dbt."""

    nodes: dict[str, bool] = field(default_factory=dict)
    everything: bool = False
    proofs: frozenset[dg.AssetCheckKey] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.proofs)

    @property
    def assets(self) -> set[dg.AssetKey]:
        """The assets to be built."""
        keys = {**manifest.assets(), **manifest.results()}
        return {key for unique_id, key in keys.items() if unique_id in self.nodes}

    @property
    def checks(self) -> set[dg.AssetCheckKey]:
        """The checks to be run: tests, and proofs and controls of what is built or read by them."""
        tests = {key for unique_id, key in manifest.checks().items() if unique_id in self.nodes}
        beside, assets = gate.beside_dbt() | gate.plausible() | gate.controls(), self.assets
        of_clocks = clocks.checks() if clocks.UNITED in assets else set()
        asked = {key for key in beside if {key.asset_key, gate.READ.get(key)} & assets}
        return tests | self.proofs | of_clocks | asked


def due(instance: DagsterInstance) -> Due:
    """What must be built and checked now, everything counted in."""
    before, now = built.last(), built.now()
    found = _due(before, now, gate.gaps(instance))
    return replace(found, proofs=found.proofs | gate.unseen(now.streams))


def signature() -> str:
    """Of the code, of what landed and of what could not be read: as long as it is the same, nothing new is due."""
    known = [asdict(built.now()), *map(asdict, unread.known(SOURCES))]
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def nodes_due(before: Built | None, now: Built) -> Due:
    """What must be built by the record alone, for a build that is under way."""
    return _due(before, now, ())


def taken(before: Built | None, now: Built, selected: Set[str]) -> Built:
    """What a build of these nodes is made from: a stream's loads are taken in when all that reads it is built."""

    def is_taken(name: str) -> bool:
        return selected >= manifest.readers(manifest.source_id(*name.split("/")))

    known = before.streams if before else {}
    old = {name: loads for name, loads in known.items() if not is_taken(name)}
    streams = {name: loads for name, loads in now.streams.items() if is_taken(name)} | old
    return replace(now, streams=streams, errors=before.errors if before else {})


def _due(before: Built | None, now: Built, gaps: Iterable[dg.AssetKey | dg.AssetCheckKey]) -> Due:
    if before is None or before.engine != now.engine:
        everything = [*manifest.models(), *manifest.results(), *manifest.checks()]
        return Due(dict.fromkeys(everything, True), everything=True, proofs=frozenset(gate.beside_dbt()))
    modified: frozenset[str] = frozenset()
    if before.code != now.code:
        modified = dbt_process.modified(built.manifest_folder(), before.code, now.code)
    unknown = set(gaps)
    results, known = manifest.results(), {**manifest.assets(), **manifest.results(), **manifest.checks()}
    by_dagster = {unique_id for unique_id, key in known.items() if key in unknown}
    streams = {name for name in {*before.streams, *now.streams} if before.streams.get(name) != now.streams.get(name)}
    read = (manifest.source_id(*name.split("/")) for name in streams)
    anew = manifest.descendants([*modified, *(node for node, is_anew in before.due.items() if is_anew)])
    computed = results if before.planning != now.planning else ()
    again = manifest.descendants([*before.due, *read, *by_dagster, *computed])
    nodes = {node: node in anew for node in (anew | again) & known.keys()}
    return Due(nodes, proofs=frozenset(gate.beside_dbt() & unknown))
