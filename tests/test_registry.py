"""Laws of the metric registry: each published measure has one whole entry, and what it says is so elsewhere too.

Belongs here: registry/metrics.yml against dbt's manifest, the lineage, the proofs and the cadence. Does not: whether a
figure is right, what MetricFlow answers (tests/torture/metricflow.py).
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
import yaml

import registry
from orchestration import cadence, dbt_process, gate
from orchestration import manifest as project
from quality.controls import CONTROLS
from registry.entries import of_text
from registry.generated import SEMANTICS, description, files
from serving.published import COMPANY
from tests.environment import environment_kept
from tests.in_process_dbt import parsed_home

ENTRIES = registry.metrics()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(parsed_home(tmp_path_factory.mktemp("registry") / "home"))
        yield json.loads(dbt_process.prepare().read_text())


@pytest.fixture(scope="module")
def marts(manifest: dict[str, Any]) -> Mapping[str, dict[str, Any]]:
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    return {name: node for name, node in nodes.items() if name.startswith("mart_")}


def test_every_published_measure_has_an_entry_and_every_entry_is_published(marts: Mapping[str, dict[str, Any]]) -> None:
    """In the order of the mart, so that a page of metrics reads as the mart does."""
    published = {name: mart["meta"]["measures"] for name, mart in marts.items()}
    assert {name: list(mart.metrics) for name, mart in ENTRIES.marts.items()} == published
    for name, mart in ENTRIES.marts.items():
        assert mart.estimates.keys() <= marts[name]["columns"].keys() - mart.metrics.keys(), name


def test_the_registry_says_of_a_mart_what_dbt_does(
    manifest: dict[str, Any], marts: Mapping[str, dict[str, Any]]
) -> None:
    owners = {group["name"]: group["owner"]["name"] for group in manifest["groups"].values()}
    for name, entry in ENTRIES.marts.items():
        mart = marts[name]
        assert list(entry.grain) == mart["meta"]["key"], name
        assert entry.owner == owners[mart["config"]["group"]], name
        assert mart["columns"][entry.date]["data_type"] == "date", name
        units = {metric.of for metric in entry.metrics.values() if metric.unit == "by_row"}
        assert units <= mart["columns"].keys(), f"{name}: no column says the unit"


def test_a_unit_fits_the_type_of_its_column(marts: Mapping[str, dict[str, Any]]) -> None:
    """An amount is a decimal and an average of one a double; a ratio is no amount."""
    for name, column, metric in ENTRIES.published():
        kind = marts[name]["columns"][column]["data_type"].replace(" ", "")
        allowed = {"money": ("decimal(38,4)", "double"), "ratio": ("double",), "days": ("bigint",)}.get(metric.unit)
        assert allowed is None or kind in allowed, f"{name}.{column}"
        assert kind != "decimal(38,4)" or metric.unit in ("money", "by_row"), f"{name}.{column}"
        assert not column.endswith("_ratio") or metric.unit == "ratio", f"{name}.{column}"
        assert "_hours" not in column or metric.unit == "hours", f"{name}.{column}"


def test_sources_are_those_of_the_lineage_and_freshness_is_that_of_the_slowest(
    manifest: dict[str, Any],
) -> None:
    published = {mart.name: mart.info for mart in project.marts() if mart.name in ENTRIES.marts}
    assert published.keys() == ENTRIES.marts.keys()
    for name, entry in ENTRIES.marts.items():
        assert entry.sources == published[name].sources, name
        late = max(cadence.LOADED[source].late_after for source in entry.sources)
        assert timedelta(hours=entry.freshness_hours) == late, name
        assert (entry.sensitivity == "restricted") == (published[name].audience != COMPANY), name


def test_each_mart_is_held_by_a_check_that_is_there_and_about_it(
    manifest: dict[str, Any], marts: Mapping[str, dict[str, Any]]
) -> None:
    tests = {
        node["name"]: node["depends_on"]["nodes"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node["config"]["severity"].lower() == "error"
    }
    for name, entry in ENTRIES.marts.items():
        if entry.proof == "equals_its_control":
            assert name in gate.reconciliations().values(), name
        elif entry.proof in {control.id for control in CONTROLS}:
            assert (entry.proof, name) in {(control.id, control.mart) for control in CONTROLS}, name
        else:
            assert marts[name]["unique_id"] in tests.get(entry.proof, ()), f"{name}: {entry.proof}"


def test_no_key_result_may_be_bound_to_what_people_are_paid(manifest: dict[str, Any]) -> None:
    """Its values are shown to everybody who sees the goal, and day by day."""
    of_pay = {key.path[-1] for key in gate.with_cost()}
    assert "mart_product_pnl" in of_pay
    assert {name for name, mart in ENTRIES.marts.items() if mart.bindable} & of_pay == set()


NRR = "mart_revenue_retention"
ENTRY = yaml.load(registry.FILE.read_text(), yaml.CSafeLoader)["marts"][NRR]
OF_MART = sorted({*ENTRY} - {"metrics"})
OF_METRIC = sorted({*ENTRY["metrics"]["nrr_ratio"]} - {"is_bindable"})


def changed(**parts: Any) -> bytes:
    """A registry of one mart, of whose NRR some parts are others; None: lacking."""
    metric = {name: value for name, value in (ENTRY["metrics"]["nrr_ratio"] | parts).items() if value is not None}
    mart = ENTRY | {"metrics": ENTRY["metrics"] | {"nrr_ratio": metric}}
    return yaml.safe_dump({"marts": {NRR: mart}, "board": {}}).encode()


def test_the_entry_that_is_broken_below_is_whole() -> None:
    assert of_text(changed()).marts[NRR] == ENTRIES.marts[NRR]


@pytest.mark.parametrize("part", OF_METRIC)
def test_an_entry_that_lacks_a_part_is_refused(part: str) -> None:
    """Else somebody reads a figure of which nobody says what it is."""
    with pytest.raises(ValueError, match=r"registry/metrics\.yml: .*marts.*run `python -m registry`"):
        of_text(changed(**{part: None}))


@pytest.mark.parametrize("part", OF_MART)
def test_a_mart_that_lacks_a_part_is_refused(part: str) -> None:
    """Else nobody answers for its figures, or nobody knows when they are late."""
    mart = {name: value for name, value in ENTRY.items() if name != part}
    with pytest.raises(ValueError, match=f"registry/metrics.yml: .*{part}"):
        of_text(yaml.safe_dump({"marts": {NRR: mart}, "board": {}}).encode())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("unit", "euros"),
        ("unit", "count"),
        ("additivity", "semi-additive"),
        ("not_over", ["fiscal_period"]),
        ("numerator", "net_arr"),
        ("version", "1.0"),
        ("formula", ""),
        ("formulae", "net_mrr by start_mrr"),
    ],
)
def test_a_part_that_can_not_be_is_refused(part: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"registry/metrics\.yml: "):
        of_text(changed(**{part: value}))


def test_no_entry_stands_there_twice() -> None:
    """YAML keeps the last of two, and the first would be lost without a word."""

    def twice(node: yaml.Node) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            yield from {key for key in keys if keys.count(key) > 1}
            for _, value in node.value:
                yield from twice(value)

    assert [*twice(yaml.compose(registry.FILE.read_text()))] == []


def test_files_made_from_the_registry_are_what_it_makes_now() -> None:
    """Red means: somebody edited one of them, or metrics.yml without `python -m registry` after it."""
    made = files(ENTRIES)
    assert [path for path, text in made.items() if not path.exists() or path.read_text() != text] == []
    assert {*SEMANTICS.iterdir()} <= made.keys(), "of a mart that is no more"


def test_dbt_says_of_each_measure_what_the_registry_does(marts: Mapping[str, dict[str, Any]]) -> None:
    for name, column, metric in ENTRIES.published():
        about = marts[name]["columns"][column]
        assert about["description"] == description(name, column, metric), f"{name}.{column}"
        assert about["config"]["meta"] == {}, f"{name}.{column}: what is said of a metric stands in the registry"


def test_a_measure_says_its_unit_over_what_it_adds_up_and_its_version() -> None:
    metrics = ENTRIES.marts["mart_arr"].metrics
    shown = {column: description("mart_arr", column, metrics[column]) for column in ("closing_arr", "fx_mrr")}
    units = "Unit: units of the reporting currency, named in currency."
    arr = "Metric: Annual recurring revenue (ARR), mart_arr.closing_arr@1.0.0."
    assert shown["closing_arr"] == f"Twelve times closing_mrr. {units} Semi-additive, not over fiscal_period. {arr}"
    assert f"{units} Additive. Metric: Currency effect on MRR" in shown["fx_mrr"]
    okr = ENTRIES.marts["mart_okr"]
    assert " Unit: as the column unit says. Non-additive. " in description("mart_okr", "value", okr.metrics["value"])
    assert okr.about.startswith("Owner: Product operations. Proof: ")
