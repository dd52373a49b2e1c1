"""What of a dbt project makes a figure.

Belongs here: the models above a mart, the streams that they read, what follows from a stream, by dbt's manifest. Does
not: building any of it (replays.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from serving.published import MARTS

NODES = ("model.", "seed.")
SOURCE = "source."


class _Config(msgspec.Struct):
    schema: str | None = None


class _Column(msgspec.Struct):
    data_type: str | None = None


class _Node(msgspec.Struct):
    name: str
    config: _Config
    columns: dict[str, _Column] = {}


class _Manifest(msgspec.Struct):
    nodes: dict[str, _Node]
    parent_map: dict[str, list[str]]
    child_map: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Lineage:
    """``models``: names of the models and seeds that make it; ``readers``: of each stream (``source/stream``) those
    that follow from it. ``empty``: marts that are read and bear on other figures alone, with their columns and types:
    they may stand without rows."""

    models: frozenset[str]
    readers: Mapping[str, frozenset[str]]
    empty: Mapping[str, Mapping[str, str]]

    def below(self, streams: Iterable[str]) -> list[str]:
        """What follows from any of these streams."""
        return sorted({model for stream in streams for model in self.readers.get(stream, ())})


def lineage(manifest: Path, mart: str, made_of: str | None) -> Lineage:
    """Of a mart, or of the figures in it that are made of one mart alone. Nothing of a mart that the project lacks."""
    read = msgspec.json.decode(manifest.read_bytes(), type=_Manifest)
    by_name = {node.name: one for one, node in read.nodes.items() if one.startswith(NODES)}
    if mart not in by_name:
        return Lineage(frozenset(), {}, {})
    own = _reached([by_name[made_of]], read.parent_map.get) if made_of in by_name else set()

    def above(one: str) -> list[str]:
        return [] if is_beside(one) else read.parent_map.get(one, [])

    def is_beside(one: str) -> bool:
        node = read.nodes.get(one)
        is_mart = node is not None and node.config.schema == MARTS and node.name.startswith("mart_")
        return bool(own) and is_mart and one not in own and one != by_name[mart]

    found = _reached([by_name[mart]], above)
    beside = {one for one in found if is_beside(one)}
    kept = found - beside
    models = {one for one in kept if one.startswith(NODES)}
    readers = {
        "/".join(one.split(".")[2:4]): frozenset(
            read.nodes[below].name for below in _reached([one], read.child_map.get) & models
        )
        for one in kept
        if one.startswith(SOURCE)
    }
    empty = {
        read.nodes[one].name: {name: column.data_type or "" for name, column in read.nodes[one].columns.items()}
        for one in beside
    }
    return Lineage(frozenset(read.nodes[one].name for one in models), readers, empty)


def _reached(roots: Iterable[str], beside: Callable[[str], list[str] | None]) -> set[str]:
    coming, known = list(roots), set[str]()
    while coming:
        if (one := coming.pop()) not in known:
            known.add(one)
            coming += beside(one) or []
    return known
