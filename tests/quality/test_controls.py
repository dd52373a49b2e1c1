"""When a control is red, and what it then says. What each compares is worked by hand beside its model."""

from pathlib import Path

import duckdb
import pytest

from quality.controls import CONTROLS, Result, results

BALANCES = CONTROLS[0]


def result(compared: int, agreed: int, tolerance: int = 0, *differences: str) -> Result:
    return Result(BALANCES, compared, agreed, tolerance, differences)


@pytest.mark.parametrize(
    ("compared", "agreed", "tolerance", "is_green"),
    [(10, 10, 0, True), (10, 9, 0, False), (10, 9, 9, False), (10, 9, 10, True), (0, 0, 0, True), (3, 2, 33, False)],
)
def test_a_control_is_red_where_more_differs_than_the_company_allows(
    compared: int, agreed: int, tolerance: int, is_green: bool
) -> None:
    assert result(compared, agreed, tolerance).is_green == is_green


def test_a_difference_is_named_with_both_figures_and_what_to_do() -> None:
    assert result(2, 2).text == "2 of 2 agree"
    assert result(2, 1, 5, "sub_1 (si_1): 100 there, 80 here").text == (
        f"1 of 2 agree (billing_tolerance_percent allows 5 %). sub_1 (si_1): 100 there, 80 here. Next: {BALANCES.mend}"
    )


def test_each_control_has_its_counts_its_switch_and_its_first_differences(tmp_path: Path) -> None:
    """A figure of another control, or the switch of another family, would call red what is green."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema marts; create schema intermediate")
        warehouse.execute(
            "create table marts.mart_data_health (source varchar, metric_id varchar, denominator int, numerator int)"
        )
        warehouse.executemany(
            "insert into marts.mart_data_health values (?, ?, ?, ?)",
            [(one.source, one.id, 100 + number, 90 + number) for number, one in enumerate(CONTROLS)]
            + [("files", "billed_balances", 1, 0)],
        )
        families = dict.fromkeys(one.switch for one in CONTROLS)
        allowed = {switch: 10 if switch == "people_tolerance_percent" else 0 for switch in families}
        warehouse.execute(
            "create view intermediate.int_policies_read as select "
            + ", ".join(f"{percent} as {switch}" for switch, percent in allowed.items())
        )
        warehouse.execute(
            "create table intermediate.int_control_differences_found as select 'jira' as source, "
            "'issue_statuses' as control_id, 'A-' || number as object_id, 'status now' as object_part, "
            "'Done' as vendor_figure, null::varchar as our_figure from range(1, 8) as numbers (number)"
        )
    found = {one.control.id: one for one in results(tmp_path / "warehouse.duckdb")}
    assert [(one.compared, one.agreed) for one in found.values()] == [
        (100 + number, 90 + number) for number in range(len(CONTROLS))
    ]
    assert {key for key, one in found.items() if one.is_green} == {"employed_heads", "employed_departments"}
    named = [f"A-{number} (status now): Done there, nothing here" for number in range(1, 6)]
    assert list(found["issue_statuses"].differences) == named
    assert "int_staff_controls_compared" in found["employed_heads"].text
