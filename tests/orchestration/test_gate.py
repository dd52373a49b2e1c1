"""The gate in front of the publish step, as a pure function."""

import dagster as dg
import pytest

from orchestration import gate
from orchestration.gate import Checked, judge

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
