"""The gate in front of the publish step, as a pure function."""

import pytest

from orchestration.gate import Built, Checked, judge

CHECK = ("unique_key", "marts/mart_delivery")


@pytest.mark.parametrize(
    ("checked", "built", "problem"),
    [
        pytest.param(Checked(2.0, True), Built(1.0, True), None, id="green after the build"),
        pytest.param(Checked(2.0, False), Built(1.0, True), "is red", id="red"),
        pytest.param(None, Built(1.0, True), "never ran to its end", id="missing"),
        pytest.param(Checked(2.0, None), Built(1.0, True), "never ran to its end", id="planned and killed"),
        pytest.param(Checked(1.0, True), Built(2.0, True), "is older than the last build", id="older than the build"),
    ],
)
def test_a_check_counts_when_it_passed_after_the_build(
    checked: Checked | None, built: Built, problem: str | None
) -> None:
    found = {CHECK: checked} if checked else {}
    (verdict,) = judge([CHECK], found, {CHECK[1]: built})
    assert (verdict.name, verdict.on, verdict.passed, verdict.problem) == (*CHECK, problem is None, problem)


@pytest.mark.parametrize(
    ("built", "problem"),
    [
        pytest.param(None, "was never built", id="never"),
        pytest.param(Built(1.0, False), "the build that wrote it did not end well", id="broken build"),
    ],
)
def test_green_checks_do_not_help_a_build_that_broke(built: Built | None, problem: str) -> None:
    verdicts = judge([CHECK], {CHECK: Checked(2.0, True)}, {CHECK[1]: built})
    assert [verdict.problem for verdict in verdicts if not verdict.passed] == [problem]
