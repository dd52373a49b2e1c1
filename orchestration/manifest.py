"""The dbt project as its manifest describes it.

Belongs here: nodes, their keys in Dagster, who depends on whom, which models are published; results that Python
computes between models. Does not: making the manifest (dbt_process.py), assets (dbt_component.py). It is 5.6 MB: a
process reads it once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec

import registry
from ingestion.sources import SOURCES, forecasts
from orchestration import dbt_process, dbt_tests
from serving.comments import Column, MartInfo
from serving.published import COMPANY, MARTS

SEEDS, FORECASTS = "files", "goals"
"""With what seeds, facts as files are, and forecasts, which land but come from no source, stand in the lineage."""
KEPT = ("incremental", "seed")
"""Materializations that keep what an earlier build made, unless dbt refreshes them fully."""


@dataclass(frozen=True, slots=True)
class Mart:
    """A published model: its asset and what its yml says of it."""

    name: str
    key: dg.AssetKey
    info: MartInfo


@dataclass(frozen=True, slots=True)
class Project:
    """``models``: models and seeds, ``assets`` their keys, ``checks`` the keys of tests, ``results`` the keys of what
    Python computes, which dbt reads as a source; each by dbt's ids. ``children``: who reads or tests a node. ``words``:
    what red means of a test and what to do next."""

    nodes: Mapping[str, Mapping[str, Any]]
    children: Mapping[str, Sequence[str]]
    models: Mapping[str, Mapping[str, Any]]
    assets: Mapping[str, dg.AssetKey]
    checks: Mapping[str, dg.AssetCheckKey]
    results: Mapping[str, dg.AssetKey]
    words: Mapping[dg.AssetCheckKey, str]


def project() -> Project:
    """The project as it was when this process first asked for it, as Dagster's definitions are."""
    return _read(dbt_process.target())


def content() -> Mapping[str, Any]:
    """The manifest itself, for dagster-dbt; of tests with name and description as Dagster is to show them, which it
    takes from their nodes."""
    return _content(target := dbt_process.target(), (target / "fingerprint").read_text())


@cache
def _content(target: Path, _fingerprint: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = msgspec.json.decode((target / "manifest.json").read_bytes())
    nodes = found["nodes"]
    for node in nodes.values():
        if node["resource_type"] == "test":
            words = dbt_tests.words_of(node, _tested(node, nodes), found)
            node |= {"name": dbt_tests.name_of(node), "meta": {**node["meta"], "description": words}}
    return found


@cache
def _read(target: Path) -> Project:
    dbt_process.prepare()
    nodes = content()["nodes"]
    models = {one: node for one, node in nodes.items() if node["resource_type"] in ("model", "seed")}
    checks = {
        one: dg.AssetCheckKey(_key(_tested(node, nodes)), node["name"])
        for one, node in nodes.items()
        if node["resource_type"] == "test"
    }
    results = {
        source_id(forecasts.NAME, one.name): dg.AssetKey([forecasts.NAME, one.name]) for one in forecasts.STREAMS
    }
    # What a result reads is an exposure of its name: dbt knows the models, and here the lineage goes on.
    children = content()["child_map"] | {f"exposure.prodops.{one.split('.')[-1]}": [one] for one in results}
    words = {key: nodes[one]["meta"]["description"] for one, key in checks.items()}
    return Project(nodes, children, models, {one: _key(node) for one, node in models.items()}, checks, results, words)


def models() -> Mapping[str, Mapping[str, Any]]:
    """dbt's models and seeds by id."""
    return project().models


def assets() -> Mapping[str, dg.AssetKey]:
    """The assets that dbt builds, by the id of their model."""
    return project().assets


def checks() -> Mapping[str, dg.AssetCheckKey]:
    """dbt's tests as Dagster shows them, by id."""
    return project().checks


def shown(unique_id: str) -> str:
    """What people know a node by: of a test, its check and the asset that it is on."""
    key = checks().get(unique_id)
    return on_asset(key) if key else dbt_process.name_of(unique_id)


def on_asset(check: dg.AssetCheckKey) -> str:
    """A check in one line, as ``unique_grain on marts/mart_arr``."""
    return f"{check.name} on {check.asset_key.to_user_string()}"


def owner(model: dg.AssetKey) -> str:
    """Who answers for a model, by the name of its group's owner."""
    (node,) = (models()[one] for one, key in assets().items() if key == model)
    return dbt_tests.owner_of(node, content())


def results() -> Mapping[str, dg.AssetKey]:
    """The assets that Python computes between models, by the id of the source's table that they are to dbt."""
    return project().results


def read_by(result: str) -> list[str]:
    """Ids of the models that a result reads."""
    named: Sequence[str] = content()["exposures"][f"exposure.prodops.{result.split('.')[-1]}"]["depends_on"]["nodes"]
    return [one for one in named if one in models()]


def stopped_by(failed: set[str]) -> set[str]:
    """What dbt does not build after these nodes failed, or were not built themselves: they and what is built from them,
    and what is built from all that a test is about."""
    stopped = descendants(failed - checks().keys())
    for test in failed & checks().keys():
        below = [descendants(project().children.get(one, ())) for one in project().nodes[test]["depends_on"]["nodes"]]
        stopped |= set.intersection(*below) if below else set()
    return stopped


def blocking() -> set[dg.AssetCheckKey]:
    """Tests that keep the marts from being published."""
    nodes = project().nodes
    return {key for unique_id, key in checks().items() if nodes[unique_id]["config"]["severity"].lower() == "error"}


def marts() -> list[Mart]:
    """The models that are published."""
    return [Mart(node["name"], _key(node), _info(node)) for node in models().values() if node["schema"] == MARTS]


def _info(node: Mapping[str, Any]) -> MartInfo:
    name, meta = node["name"], node["config"].get("meta", {})
    entry = registry.metrics().marts.get(name)
    metrics = entry.columns if entry else {}
    columns = {
        column: Column(
            about["description"], about["data_type"] or "", metrics[column].additivity if column in metrics else None
        )
        for column, about in node["columns"].items()
    }
    key, measures = (tuple(meta.get(part, ())) for part in ("key", "measures"))
    sources = tuple(one for one, marts in _behind(dbt_process.target()).items() if name in marts)
    audience = meta.get("audience", COMPANY)
    return MartInfo(key, measures, node["description"], columns, audience, sources, entry.about if entry else "")


@cache
def _behind(_target: Path) -> dict[str, tuple[str, ...]]:
    """By source that is loaded, the marts that are built from any of its streams."""
    return {source.name: marts_behind(source.name, [one.name for one in source.streams]) for source in SOURCES.values()}


def group(node: Mapping[str, Any]) -> str:
    """The group of the lineage that a node stands in: the source that it is staging of, or its domain. A few models say
    another in their yml (``meta.dagster.group``), so that no two groups read each other and the lineage is drawn from
    the sources on the left to what is published on the right."""
    named: str | None = node["config"].get("meta", {}).get("dagster", {}).get("group")
    layer, folder = node["fqn"][1:3] if node["resource_type"] == "model" else ("staging", SEEDS)
    return named or (group_of(folder) if layer == "staging" else folder)


def group_of(source: str) -> str:
    """The group of what lands of a source and its staging. Those of all sources stand in one, which opens."""
    return FORECASTS if source == forecasts.NAME else f"sources/{source}"


def source_id(source: str, stream: str) -> str:
    return f"source.prodops.{source}.{stream}"


def descendants(roots: Iterable[str]) -> set[str]:
    """Nodes with everything that is built from them or tests them, results too; of roots that are loaded not
    themselves."""
    children, seen, coming = project().children, set[str](), list(roots)
    while coming:
        one = coming.pop()
        if one not in seen:
            seen.add(one)
            coming += children.get(one, [])
    return {one for one in seen if one.startswith(dbt_process.NODES) or one in results()}


def readers(source: str) -> set[str]:
    """The models that read a source themselves."""
    return project().models.keys() & set(project().children.get(source, ()))


def marts_behind(source: str, streams: Collection[str]) -> tuple[str, ...]:
    """The marts that are built from any of a source's streams, by dbt's own lineage."""
    return _marts(descendants(source_id(source, stream) for stream in streams))


def marts_of(assets: Collection[dg.AssetKey]) -> tuple[str, ...]:
    """The marts that are built from any of these assets, or are one of them."""
    known = {**project().assets, **results()}
    return _marts(descendants(one for one, key in known.items() if key in assets))


def _marts(ids: Collection[str]) -> tuple[str, ...]:
    nodes = models()
    return tuple(sorted(nodes[one]["name"] for one in ids if one in nodes and nodes[one]["schema"] == MARTS))


def leaving() -> Mapping[str, Mapping[str, Any]]:
    """The models that leave the restricted database with amounts, by id: what they say is at standard rates."""
    return {one: node for one, node in models().items() if node["config"].get("meta", {}).get("leaves") == "cost"}


def relations(database: str) -> set[tuple[str, str]]:
    """Schema and name of everything that the models make in a database."""
    return {(node["schema"], node["alias"]) for node in models().values() if node["database"] == database}


def _key(node: Mapping[str, Any]) -> dg.AssetKey:
    return dg.AssetKey([node["config"]["schema"], node["name"]])


def _tested(test: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The model that a test is shown on, as dagster-dbt chooses it."""
    if named := test["config"].get("meta", {}).get("dagster", {}).get("ref"):
        return next(node for node in nodes.values() if node["name"] == named["name"])
    return nodes[test.get("attached_node") or test["depends_on"]["nodes"][0]]
