"""The gate in front of the publish step, as a pure function of what Dagster and the manifest say."""

import os
from pathlib import Path

import dagster as dg
import pytest

from orchestration import gate, manifest, next_steps
from orchestration.gate import Checked, judge
from tests.environment import forget_settings
from tests.orchestration.conftest import behind
from tests.torture.check_mutations import marts_among

MART = dg.AssetKey(["marts", "mart_delivery"])
CHECK = dg.AssetCheckKey(MART, "unique_key")


@pytest.mark.parametrize(
    ("checked", "due", "problem"),
    [
        pytest.param(Checked(2.0, True), set(), None, id="green after the build"),
        pytest.param(Checked(9.0, True), set(), None, id="green for long, not needed since"),
        pytest.param(Checked(2.0, False), set(), "is red", id="red"),
        pytest.param(None, set(), "never ran to its end", id="missing"),
        pytest.param(Checked(0.5, True), set(), "is older than the last build", id="older than the build"),
        pytest.param(Checked(2.0, True), {CHECK}, "is due to be run", id="what it reads was built without it"),
    ],
)
def test_a_check_counts_when_it_passed_after_the_last_build_of_its_asset(
    checked: Checked | None, due: set[dg.AssetCheckKey], problem: str | None
) -> None:
    assert judge({CHECK: checked}, {MART: 1.0}, due) == {MART: None, CHECK: problem}


@pytest.mark.parametrize(
    ("at", "due", "problem"),
    [
        pytest.param(None, set(), "was never built", id="never"),
        pytest.param(1.0, {MART}, "is due to be built", id="a build that broke or was for a part"),
    ],
)
def test_green_checks_do_not_help_what_is_not_built(at: float | None, due: set[dg.AssetKey], problem: str) -> None:
    assert judge({CHECK: Checked(2.0, True)}, {MART: at}, due)[MART] == problem


@pytest.mark.parametrize("mart_at", [1.0, None])
def test_a_check_that_passed_before_what_it_reads_was_built_again_does_not_count(mart_at: float | None) -> None:
    """Else a trial balance that landed after the mart was proven would prove it."""
    proof = gate.reconciliation("mart_revenue")
    built = {proof.asset_key: mart_at, gate.RECONCILIATION: 3.0}
    assert judge({proof: Checked(2.0, True)}, built)[proof] == "is older than the last build"
    assert judge({proof: Checked(4.0, True)}, built)[proof] is None


@pytest.fixture
def project(parsed: Path) -> None:
    forget_settings()
    os.environ["PRODOPS_HOME"] = str(parsed)


def models_on(key: dg.AssetKey) -> set[str]:
    return {one for one, asset in manifest.assets().items() if asset == key}


@pytest.mark.usefixtures("project")
def test_each_red_test_holds_back_the_marts_behind_what_it_is_about_and_no_others() -> None:
    """By dbt's lineage as it is walked from below. That a row turns each red is in `make torture PART=checks`."""
    keys = manifest.blocking()
    assert len(keys) > 300
    found = {key: set(gate.held_by(key, gate.RED)) for key in keys}
    by_asset = {key.asset_key: marts_among(behind(models_on(key.asset_key))) for key in keys}
    assert found == {key: by_asset[key.asset_key] for key in keys}
    every = {mart.name for mart in manifest.marts()}
    assert sum(bool(held) and held < every for held in found.values()) > 300, "hardly any holds back some and not all"


@pytest.mark.usefixtures("project")
def test_each_red_proof_of_a_stream_holds_back_the_marts_behind_it_and_no_others() -> None:
    of_streams = {key: stream for key, stream in gate.proofs().items() if stream}
    assert len(of_streams) > 130
    for key, stream in of_streams.items():
        assert set(gate.held_by(key, gate.RED)) == marts_among(behind({manifest.source_id(*stream)})), stream


@pytest.mark.usefixtures("project")
def test_whatever_the_gate_finds_has_an_owner_and_a_next_step() -> None:
    for key in [*manifest.blocking(), *gate.beside_dbt(), *manifest.assets().values(), *manifest.results().values()]:
        on = key.asset_key if isinstance(key, dg.AssetCheckKey) else key
        assert next_steps.of_asset(on).endswith(">"), key
        assert "prodops" in gate._next_step(key, is_cause=False)
        step = gate._next_step(key, is_cause=True)
        assert "prodops" in step or "docs/" in step, key
