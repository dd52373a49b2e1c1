"""The tables of money and people that a run ends with, of a published file written by hand.

Red means: a leader reads a figure that no mart has, one that is cut, or one of another period.
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from cli import headline, screen
from serving.clocks import COMMENTS, Clock, as_of, statements
from serving.published import Snapshot

# September is over and October runs. A portfolio's row, nobody's cost and a shared product stand beside a product.
MARTS = {
    "mart_product_pnl": """
        from (values
            (9, true, 'UNALLOCATED', 'Unallocated', false, 0.0, -10.0, -10.0, 0.0, 20.0, 0.0),
            (9, true, 'core', 'Core', false, 0.0, 0.0, -90.0, 90.0, -90.0, 0.0),
            (9, true, 'web', 'Shop of a long name', false, 1234567890.4, 987654321.0, 250000000.0, 80.0, 45.0, 30.0),
            (9, true, 'suite', 'Suite', true, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0),
            (10, false, 'web', 'Shop of a long name', false, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0)
        ) as t (
            month, is_complete, product_id, product_name, is_rollup, recognised_revenue, gross_profit, contribution,
            research_and_development_direct, research_and_development_shared, sales_and_marketing
        )
    """,
    "mart_product_cost": """
        from (values
            (9, 'core', 'team', 90.0, false), (9, 'core', 'shared', -90.0, false), (9, 'web', 'shared', 90.0, false),
            (8, 'web', 'shared', -1.0, false)
        ) as t (month, product_id, stage, cost, is_rollup)
    """,
    "mart_product_cost_range": """
        from (values
            (9, true, 'UNMAPPED', 'Unmapped', 999.0, 999.0, 999.0, null, null, false),
            (9, true, 'web', 'Shop', 155.4, 120.0, 1155.5, 'effort_model', null, false),
            (10, false, 'web', 'Shop', 7.0, 7.0, 7.0, null, null, false)
        ) as t (
            month, is_complete, product_id, product_name, cost, cost_low, cost_high, low_rule, high_rule, is_rollup
        )
    """,
    "mart_product_staffing": """
        from (values
            (9, true, 'UNALLOCATED', 'Unallocated', false, 9.0, 0.0, 0.0, 0.0, null, null, null, null, null, 'no'),
            (9, true, 'gone', 'Gone', false, 0.0, 0.0, 0.0, 0.0, null, null, null, null, null, 'no'),
            (9, true, 'web', 'Shop', false, 8.0, 1.0, 6.0, 1.0, 6.0, 1.0, 150000.4, 0.25, null, 'withheld'),
            (9, true, 'COMPANY', 'Company', true, 17.0, 1.0, 6.0, 1.0, 6.0, 1.0, 70588.2, -0.1, null, 'withheld')
        ) as t (
            month, is_complete, product_id, product_name, is_rollup, fte, product_management_fte, engineering_fte,
            design_fte, engineering_per_product_manager_ratio, design_per_product_manager_ratio, revenue_per_fte,
            revenue_growth_ratio, cost_growth_ratio, cost_growth_ratio_suppressed_reason
        )
    """,
}
GOALS = """
    select *, date '2026-09-30' as as_of_date from (values
        ('O1', 'objective', 'O1', 'Customers sell more', 'ada', true, false, 0.51, 0.66, 0.423, 0.3, 0.8, 'at_risk',
            'forecast'),
        ('O1', 'key_result', 'K1', 'Active people', 'ada', true, false, 0.2, 0.66, 0.1, 0.1, 0.5, 'off_track', 'pace'),
        ('O1', 'key_result', 'K2', 'Median days', 'ada', true, false, 0.9, 0.66, 0.9, 0.8, 1.0, 'on_track', 'pace'),
        ('O1', 'key_result', 'K1', 'Active people', 'ada', false, false, 0.1, 0.5, 0.1, 0.1, 0.5, 'off_track', 'pace'),
        ('O0', 'objective', 'O0', 'Last year', 'ada', true, true, 0.1, 1.0, 0.1, 0.1, 0.5, 'off_track', 'ended'),
        ('O2', 'objective', 'O2', 'Not begun', 'bo', true, false, null, null, null, null, null, 'not_known', 'no_value')
    ) as t (
        objective_id, goal_type, goal_id, goal_name, owner, is_latest, is_complete, score, expected_progress, p_hit,
        p10, p90, label, label_reason
    ), (values ('C')) as cycle (cycle_id)
"""
ALIKE = """
    concat('FY26-P', lpad(month::varchar, 2, '0')) as fiscal_period, last_day(make_date(2026, month, 1)) as
    period_end_date, 'EUR' as currency, false as is_closed, 'withheld' as remainder, null::double as operating_profit,
    null::double as general_and_administrative
"""


def printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with duckdb.connect(str(folder / "marts.duckdb")) as file:
        for name, rows in MARTS.items():
            file.execute(f"create table {name} as select *, {ALIKE} {rows}")
    for table in headline.tables(Snapshot(folder, {"marts": {name: {} for name in MARTS}})):
        screen.print_table(table, "text")
    lines = (" ".join(line.split()) for line in capsys.readouterr().out.splitlines())
    return [line for line in lines if line.strip(" ─")]


def test_profit_cost_range_and_staffing_are_of_the_last_period_that_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(tmp_path, capsys) == [
        "profit and loss of FY26-P09 (to 2026-09-30), an estimate until the books are closed",
        "EUR, of revenue gross profit margin contribution R&D S&M G&A operating profit",
        "Company 1,234,567,890 987,654,311 80.0% 249,999,900 145 30 - -",
        "Shop of a long name 1,234,567,890 987,654,321 80.0% 250,000,000 125 30 - -",
        "Core * 0 0 - -90 0 0 - -",
        "Unallocated 0 -10 - -10 20 0 - -",
        "people at standard rates",
        "* its cost is passed on to the products that use it",
        "no G&A and operating profit: they would reveal somebody's pay",
        "cost range of FY26-P09 (to 2026-09-30): other models of effort, other drivers",
        "EUR, of cost least most lowered by raised by",
        "Shop 155 120 1,156 effort model -",
        "Unmapped 999 999 999 - -",
        "staffing at the end of FY26-P09 (2026-09-30); revenue per FTE and growth are of twelve months",
        "people of FTE PMs engineers designers ratio EUR per FTE revenue growth cost growth",
        "Company 17.0 1.0 6.0 1.0 1:6.0:1.0 70,588 -10% -",
        "Shop 8.0 1.0 6.0 1.0 1:6.0:1.0 150,000 +25% -",
        "Unallocated 9.0 0.0 0.0 0.0 - - - -",
        "no growth of the company's cost: withheld (docs/metrics/people.md)",
    ]


def test_no_digit_is_cut_where_the_screen_is_narrow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names give way first."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = " ".join(printed(tmp_path, capsys))
    assert {"1,234,567,890", "249,999,900"} <= {*shown.split()}
    assert "Shop of a long name" not in shown


def test_objectives_stand_with_their_probability_and_what_is_off_track(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the running cycle, as it stands now."""
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as file:
        file.execute(f"create table mart_okr as {GOALS}")
    for table in headline.tables(Snapshot(tmp_path, {"marts": {"mart_okr": {}}})):
        screen.print_table(table, "text")
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip(" ─")]
    assert lines == [
        "goals as of 2026-09-30, and key results that are off track",
        "objective owner score expected probability 10 % to 90 % label",
        "Customers sell more ada 0.51 0.66 42.3% 0.30 to 0.80 at risk",
        "- Active people ada 0.20 0.66 10.0% 0.10 to 0.50 off track",
        "Not begun bo - - - - not known (no_value)",
        "of an objective: that all key results succeed; the score that it will come to; the label of that",
    ]


def test_marts_are_listed_by_the_source_that_makes_them_old_and_what_is_late_is_called_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODOPS_NOW", "2026-10-15T06:00:00Z")
    day = datetime(2026, 10, 10)
    known = {
        "rates": Clock(day, day, expected_by=day + timedelta(days=9)),
        "books": Clock(day - timedelta(hours=1), day, day + timedelta(days=4), date(2026, 9, 30), "FY27-P06"),
    }
    marts = {
        "mart_arr": as_of(known, ["rates"]),
        "mart_product_pnl": as_of(known, known),
        "mart_revenue": as_of(known, known),
    }
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as file:
        file.execute(f"{statements('marts', {m: ('1', one) for m, one in marts.items()}, COMMENTS)}")
    served = Snapshot(tmp_path, {"marts": {mart: {"clocks": asdict(one)} for mart, one in marts.items()}})
    for table in headline.tables(served):
        screen.print_table(table, "text")
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "2026-10-09 23:00 books 2026-10-14, books is late 2: product_pnl, revenue" in lines
    assert "2026-10-10 00:00 rates 2026-10-19 1: arr" in lines
    assert "books are closed through FY27-P06" in lines
