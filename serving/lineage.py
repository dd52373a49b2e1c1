"""What of a dbt project makes a figure.

Belongs here: the models above a mart, the streams that they read, what follows from a stream, by dbt's manifest. Does
not: building any of it (replays.py).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from serving.published import MARTS

NODES = ("model.", "seed.")
SOURCE = "source."
AUDITED = "mart_product_cost"
"""All that the audit of pay reads is above it."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """``models``: names of the models and seeds that make it; ``readers``: of each stream (``source/stream``) those
    that follow from it. ``empty``: marts that are read and bear on other figures alone, with their columns and types:
    they may stand without rows. ``leaving``: dbt's nodes of the models by which cost of people is in it; with any, what
    the audit of pay reads is among the models."""

    models: frozenset[str]
    readers: Mapping[str, frozenset[str]]
    empty: Mapping[str, Mapping[str, str]]
    leaving: Sequence[Mapping[str, Any]] = ()

    def below(self, streams: Iterable[str]) -> list[str]:
        """What follows from any of these streams."""
        return sorted({model for stream in streams for model in self.readers.get(stream, ())})


def lineage(manifest: Path, mart: str, made_of: Sequence[str] = ()) -> Lineage:
    """Of a mart, or of those figures in it that are made of some marts. Nothing of a mart that the project lacks."""
    read = msgspec.json.decode(manifest.read_bytes())
    nodes, parents, children = read["nodes"], read["parent_map"], read["child_map"]
    by_name = {node["name"]: one for one, node in nodes.items() if one.startswith(NODES)}
    if mart not in by_name:
        return Lineage(frozenset(), {}, {})
    own = _reached([by_name[one] for one in made_of if one in by_name], parents.get)

    def is_beside(one: str) -> bool:
        is_mart = one.startswith("model.") and nodes[one]["schema"] == MARTS and nodes[one]["name"].startswith("mart_")
        return bool(own) and is_mart and one not in own and one != by_name[mart]

    found = _reached([by_name[mart]], lambda one: [] if is_beside(one) else parents.get(one))
    beside = {one for one in found if is_beside(one)}
    kept = found - beside
    leaving = [nodes[one] for one in sorted(kept) if one in nodes and _meta(nodes[one]).get("leaves") == "cost"]
    if leaving:
        kept |= _reached([by_name[AUDITED]], parents.get)
        beside -= kept
    models = {one for one in kept if one.startswith(NODES)}
    readers = {
        "/".join(one.split(".")[2:4]): frozenset(
            nodes[below]["name"] for below in _reached([one], children.get) & models
        )
        for one in kept
        if one.startswith(SOURCE)
    }
    empty = {
        nodes[one]["name"]: {name: column["data_type"] for name, column in nodes[one]["columns"].items()}
        for one in beside
    }
    return Lineage(frozenset(nodes[one]["name"] for one in models), readers, empty, leaving)


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    return node["config"].get("meta") or {}


def _reached(roots: Iterable[str], beside: Callable[[str], list[str] | None]) -> set[str]:
    coming, known = list(roots), set[str]()
    while coming:
        if (one := coming.pop()) not in known:
            known.add(one)
            coming += beside(one) or []
    return known
