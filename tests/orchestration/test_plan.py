"""What is due, by the record of the last build and dbt's manifest, without a warehouse."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ingestion.errors import ProdopsError
from ingestion.landing import Landed
from ingestion.sources import SOURCES
from orchestration import built, clocks, dbt_component, gate, manifest, plan, steps
from orchestration.built import Built, Loads
from planning import results
from planning.results import ResultError
from tests.orchestration.conftest import behind

STREAMS = {"jira/issues": Loads(1, "100.1"), "jira/users": Loads(1, "100.2"), "stripe/invoices": Loads(2, "90.5")}
BEFORE = Built("code", "engine", STREAMS)


@pytest.fixture(autouse=True)
def _home(parsed: Path) -> None:
    os.environ["PRODOPS_HOME"] = str(parsed)


def test_without_a_record_everything_is_due_from_nothing() -> None:
    due = plan._due(None, BEFORE, ())
    assert due.everything
    assert set(due.nodes) == {*manifest.models(), *manifest.results(), *manifest.checks()}
    assert all(due.nodes.values())
    assert due.assets == {*manifest.assets().values(), *manifest.results().values()}
    beside = {*gate.beside_dbt(), *gate.plausible(), *gate.controls(), *clocks.checks()}
    assert due.checks == {*manifest.checks().values(), *beside}


def test_other_engines_or_settings_build_everything_anew() -> None:
    assert plan._due(BEFORE, replace(BEFORE, engine="other"), ()).everything


def test_with_nothing_new_nothing_is_due() -> None:
    due = plan._due(BEFORE, BEFORE, ())
    assert not due
    assert (due.assets, due.checks) == (set(), set())


@pytest.mark.parametrize(
    "loads",
    [
        pytest.param(Loads(2, "110.0"), id="a new load"),
        pytest.param(Loads(2, "100.1"), id="an older load that is found late"),
        pytest.param(None, id="a stream that lost its loads"),
    ],
)
def test_a_stream_with_other_loads_makes_its_descendants_due_and_no_others(loads: Loads | None) -> None:
    streams = {**STREAMS, "jira/issues": loads} if loads else {k: v for k, v in STREAMS.items() if k != "jira/issues"}
    due = plan._due(BEFORE, replace(BEFORE, streams=streams), ())
    assert set(due.nodes) == behind({"source.prodops.jira.issues"})
    assert not any(due.nodes.values()), "news are no reason to build from nothing"
    names = {key.path[-1] for key in due.assets}
    assert {"base_jira__issues", "mart_delivery", "mart_data_health"} <= names
    assert not {name for name in names if re.match(r"(base|stg)_(?!jira|forecasts)", name)}
    (issues,) = (stream for stream in SOURCES["jira"].streams if stream.name == "issues")
    assert {key for key in due.checks if key.name == "landed_is_staged"} == {gate.proof("jira", issues)}
    # What reads of other marts is compared in these two is compared again.
    assert gate.controls() | gate.reconciliations().keys() <= due.checks


def test_a_stream_that_lands_for_the_first_time_is_news() -> None:
    before = replace(BEFORE, streams={})
    assert set(plan._due(before, replace(before, streams={"fx/rates": Loads(1, "1.0")}), ()).nodes) == behind(
        {"source.prodops.fx.rates"}
    )


def test_what_did_not_end_well_is_due_again_with_all_that_is_built_from_it() -> None:
    model, test = "model.prodops.base_jira__issues", next(iter(manifest.checks()))
    due = plan._due(replace(BEFORE, due={model: True, test: False, "model.prodops.gone": False}), BEFORE, ())
    assert set(due.nodes) == behind({model}) | {test}
    assert {node for node, anew in due.nodes.items() if anew} == behind({model})


def test_what_dagster_knows_no_good_result_of_is_due() -> None:
    mart = "model.prodops.mart_delivery"
    proof = next(iter(gate.proofs()))
    due = plan._due(BEFORE, BEFORE, {manifest.assets()[mart], proof})
    assert set(due.nodes) == behind({mart})
    assert proof in due.checks
    assert plan._due(BEFORE, BEFORE, {proof}).checks == {proof}


def test_loads_count_as_built_from_when_all_that_reads_the_stream_was_built() -> None:
    """Else a run of the tests alone would hide the news from the next build, and look for them in what is not built."""
    news = replace(BEFORE, streams={**STREAMS, "jira/issues": Loads(2, "110.0"), "fx/rates": Loads(1, "1.0")})
    assert plan.taken(BEFORE, news, {"model.prodops.mart_arr"}).streams == STREAMS
    read = {"model.prodops.base_jira__issues", "model.prodops.base_jira__issues_versions"}
    assert plan.taken(BEFORE, news, read - {"model.prodops.base_jira__issues"}).streams == STREAMS
    assert plan.taken(BEFORE, news, read).streams == {
        **STREAMS,
        "jira/issues": Loads(2, "110.0"),
    }
    assert plan.taken(None, news, set(manifest.models())) == news


def test_edited_nodes_are_built_from_nothing_with_their_descendants(monkeypatch: pytest.MonkeyPatch) -> None:
    edited = "model.prodops.stg_jira__issues"
    asked: list[Any] = []
    monkeypatch.setattr(plan.dbt_process, "modified", lambda *about: asked.append(about) or frozenset({edited}))
    now = replace(BEFORE, code="edited", streams={**STREAMS, "stripe/invoices": Loads(3, "91.0")})
    due = plan._due(BEFORE, now, ())
    assert asked == [(built.manifest_folder(), "code", "edited")]
    assert {node for node, anew in due.nodes.items() if anew} == behind({edited})
    assert set(due.nodes) == behind({edited, "source.prodops.stripe.invoices"})


def test_a_result_is_due_with_what_it_reads_and_with_the_code_that_computes_it() -> None:
    result, reader = "source.prodops.forecasts.key_result_forecasts", "stg_forecasts__key_result_forecasts"
    read = "model.prodops.stg_files__read_days"
    due = plan._due(replace(BEFORE, due={read: False}), BEFORE, ())
    assert {result, f"model.prodops.{reader}"} <= due.nodes.keys()
    assert {manifest.results()[result], dg.AssetKey(["staging", reader])} <= due.assets
    computed = plan._due(BEFORE, replace(BEFORE, planning="edited"), ())
    assert set(computed.nodes) == behind(set(manifest.results()))
    assert plan._due(BEFORE, BEFORE, {manifest.results()[result]}).nodes.keys() == behind({result})
    unread = "model.prodops.base_bamboohr__locations"
    assert result not in plan._due(replace(BEFORE, due={unread: False}), BEFORE, ()).nodes


def test_what_fails_before_results_are_computed_stops_what_dbt_would_have_stopped() -> None:
    """They are two runs of dbt, and the second knows nothing of the first."""
    result, reader = (
        "source.prodops.forecasts.key_result_forecasts",
        "model.prodops.stg_forecasts__key_result_forecasts",
    )
    read = "model.prodops.stg_files__read_days"
    assert manifest.stopped_by({read}) == behind({read})
    assert {result, reader} <= manifest.stopped_by({read})
    assert manifest.stopped_by({result}) == behind({result})
    assert manifest.stopped_by(set()) == set()
    about = {one: manifest.project().nodes[one]["depends_on"]["nodes"] for one in manifest.checks()}
    of_one, (model,) = next((one, models) for one, models in about.items() if len(models) == 1 and behind({*models}))
    assert models_of(manifest.stopped_by({of_one})) == models_of(behind({model})) - {model}
    of_two = next(one for one, models in about.items() if len(models) == 2 and models[0] != models[1])
    one, other = (models_of(behind({model})) - {model} for model in about[of_two])
    assert models_of(manifest.stopped_by({of_two})) == one & other, "what needs only one of them goes on"


def test_a_result_that_fails_costs_what_reads_it_and_the_others_land(monkeypatch: pytest.MonkeyPatch) -> None:
    failed, landed = (f"source.prodops.forecasts.{one}" for one in ("forecast_calibration", "key_result_forecasts"))
    asked: list[list[str]] = []

    def land(_warehouse: Path, streams: Iterable[str]) -> Iterator[tuple[str, Landed | ProdopsError]]:
        asked.append(list(streams))
        yield "forecast_calibration", ResultError("forecast_calibration", "ValueError at goals.py:1: no")
        yield "key_result_forecasts", Landed("forecasts", "key_result_forecasts", 3, 2, 1, "100.1")

    monkeypatch.setattr(results, "land", land)
    computing, events = dbt_component.compute(dg.build_op_context(), {failed, landed}), []  # type: ignore[arg-type]
    while True:
        try:
            events.append(next(computing))
        except StopIteration as ended:
            done = ended.value
            break
    assert asked == [["forecast_calibration", "key_result_forecasts"]]
    assert [event.asset_key for event in events] == [manifest.results()[landed]], "the other is not as it should be"
    assert done.ran == {failed: "error", landed: "success"}
    assert done.problems == ["forecast_calibration: ValueError at goals.py:1: no; mend it, then prodops run"]
    assert dbt_component.stopped({failed, landed}, done) == behind({failed})
    assert gate.held_by(manifest.results()[failed], "failed: no") == ("mart_forecast_calibration",)
    assert "mart_forecast_calibration" in manifest.marts_behind("files", ["checkins"]), "lineage goes on through it"


def models_of(nodes: set[str]) -> set[str]:
    return nodes & manifest.models().keys()


def test_a_record_says_what_is_left_when_a_build_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "_file", lambda: tmp_path / "built.json")
    monkeypatch.setattr(built, "manifest_folder", lambda: tmp_path / "last_build")
    monkeypatch.setattr(built.warehouse, "exists", lambda file: True)
    assert built.last() is None
    built.begin(BEFORE, {"a": True, "b": True, "c": False, "d": False})
    assert built.last() == replace(BEFORE, due={"a": True, "b": True, "c": False, "d": False}), "killed: all of it"
    begun = replace(BEFORE, errors={"a": "mended", "b": "before", "d": "no rate", "gone": "no such table"})
    ran = {"a": "success", "b": "error", "c": "pass"}
    built.end(begun, {"a": True, "b": True, "c": False, "d": False}, ran, {"b": "no such column"}, "t")
    found = built.last()
    assert found is not None
    assert found.due == {"b": True, "d": False}
    assert (found.at, found.streams) == ("t", STREAMS)
    assert found.errors == {"b": "no such column", "d": "no rate"}, "d did not run, and is as it was"
    monkeypatch.setattr(built.warehouse, "exists", lambda file: False)
    assert built.last() is None, "a record of a warehouse that is gone"


def test_a_build_names_the_marts_that_a_source_leaves_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "now", lambda: replace(BEFORE, streams={"jira/issues": Loads(1, "100.1")}))
    notes = dict(line.split(": nothing has landed; these marts are without it: ") for line in steps.without_sources())
    assert "jira" not in notes
    assert {"amplitude", "stripe", "quickbooks", "files"} <= notes.keys()
    assert {"mart_usage", "mart_adoption", "mart_retention"} <= set(notes["amplitude"].split(", "))
    assert "mart_delivery" not in notes["amplitude"]


def test_no_model_reads_the_clock() -> None:
    """The passing of time makes nothing due, so nothing that is built may depend on it."""
    clock = re.compile(r"\b(now|today|get_current_time\w*|current_\w+|run_started_at|random|uuid)\b(?=\s*\()|", re.I)
    words = re.compile(r"\b(current_(date|time\w*)|run_started_at|PRODOPS_NOW)\b", re.I)
    texts = {key: node["raw_code"] for key, node in manifest.models().items()}
    ours = (macro for macro in manifest.content()["macros"].values() if macro["package_name"] == "prodops")
    texts |= {macro["unique_id"]: macro["macro_sql"] for macro in ours}
    assert len(texts) > 300
    found = {key: match.group() for key, text in texts.items() for match in clock.finditer(text) if match.group()}
    assert found | {key: "" for key, text in texts.items() if words.search(text)} == {}
