"""Forecasts of the company's own goals, from the models of a warehouse made by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from planning import goals
from planning.goals import AGES, Row, cut, forecast_calibration, key_result_forecasts, objective_forecasts

TODAY = date(2026, 2, 15)
QUARTERS = [date(year, month, 1) for year in (2024, 2025) for month in (1, 4, 7, 10)] + [date(2026, 1, 1)]
LINES = 5
RUNNING = (82, 72, 92, 130, 140)
"""Where the running ones would end on a straight line, in per cent of their way."""


@pytest.fixture
def built() -> Iterator[duckdb.DuckDBPyConnection]:
    """Eight quarters of five goals that end at 62 to 102 % of their way, or at 102 to 142 % in every second one, and a
    ninth quarter that is half over. Of the running ones the first has no target, the second no weight, the third nobody
    looked at; one of the past was cancelled, and one of the running ones is paused."""
    world = World([], [])
    for cycle, (first, after) in enumerate(zip(QUARTERS, [*QUARTERS[1:], date(2026, 4, 1)], strict=True)):
        for line in range(LINES):
            reached = RUNNING[line] if after > TODAY else (102 if cycle % 2 else 62) + 10 * line
            world.add(f"Q{cycle}-{line}", f"line {line}", first, after, reached)
    world.add("Q3-left", "left", QUARTERS[3], QUARTERS[4], 0, left=date(2024, 11, 1))
    world.add("Q8-paused", "paused", QUARTERS[8], date(2026, 4, 1), 50, left=date(2026, 2, 1))
    with duckdb.connect() as made:
        made.execute("create schema intermediate")
        for name, rows in (("int_goals__key_results", world.goals), ("int_goals__key_result_days", world.days)):
            made.register("rows", pa.Table.from_pylist(rows))
            made.execute(f"create table intermediate.{name} as from rows")
        made.execute("update intermediate.int_goals__key_results set weight = 0 where key_result_id = 'Q8-1'")
        change(made, "target_value = null", "Q8-0")
        change(made, "is_looked_at = false, value = null", "Q8-2")
        yield made


@dataclass(frozen=True)
class World:
    goals: list[dict[str, Any]]
    days: list[dict[str, Any]]

    def add(self, key: str, line: str, first: date, after: date, reached: float, left: date = date.max) -> None:
        """A key result from 50 to 150 that moves in a straight line, looked at every second week and on its last
        day."""
        self.goals.append(
            {
                "key_result_id": key,
                "objective_id": f"{key[:2]}-O",
                "cycle_id": key[:2],
                "line": line,
                "kr_type": "increase",
                "first_date": first,
                "end_date": after,
                "left_date": left,
                "success_at": 1.0,
                "weight": 1.0,
                "is_graded": after <= TODAY,
                "has_outcome": left >= after,
            }
        )
        last = min(after - timedelta(days=1), TODAY)
        for day in sorted({*(first + timedelta(days=14 * week) for week in range(1, 7)), last}):
            if day <= last:
                value = 50 + reached * ((day - first).days / ((after - first).days - 1))
                self.days.append(
                    {
                        "key_result_id": key,
                        "day": day,
                        "is_looked_at": day != TODAY,
                        "is_last": day == last,
                        "value": value,
                        "start_value": 50.0,
                        "target_value": 150.0,
                        "progress": (value - 50) / 100,
                    }
                )


def change(made: duckdb.DuckDBPyConnection, what: str, key: str) -> None:
    made.execute(f"update intermediate.int_goals__key_result_days set {what} where key_result_id = ?", [key])


def by(rows: Iterator[Row], *keys: str) -> dict[str, Row]:
    return {"/".join(str(row[key]) for key in keys): row for row in rows}


def test_each_running_key_result_is_forecast_or_says_why_not(built: duckdb.DuckDBPyConnection) -> None:
    found = by(key_result_forecasts(built, TODAY), "key_result_id")
    assert set(found) == {f"Q8-{line}" for line in range(LINES)}, "not the one that is paused"
    assert {row["cycles"] for row in found.values()} == {8}
    assert {row["learned_from"] for row in found.values()} == {8 * LINES}, "not the one that was cancelled"
    assert (found["Q8-0"]["reason"], found["Q8-0"]["p_hit"]) == ("no_target", None)
    assert found["Q8-2"]["reason"] == "no_value"
    assert found["Q8-2"]["p50"] is not None, "where its like end"
    sure, unsure = found["Q8-4"], found["Q8-1"]
    assert float(str(sure["p_hit"])) > 0.7 > 0.4 > float(str(unsure["p_hit"]))
    assert float(str(sure["p10"])) < float(str(sure["p50"])) < float(str(sure["p90"]))
    assert sure["as_of_date"] == "2026-02-15"
    assert all(not isinstance(value, float) for row in found.values() for value in row.values())


def test_progress_is_towards_the_last_target_also_before_it_was_set(built: duckdb.DuckDBPyConnection) -> None:
    """Else the day on which a target is raised looks like a day on which the goal fell back."""
    change(built, f"target_value = case when day = '{TODAY}' then 250 else target_value end", "Q8-4")
    (path,) = [one.path for one in goals.read(built, TODAY).running if one.path.key_result_id == "Q8-4"]
    days = built.execute(
        "select value from intermediate.int_goals__key_result_days where key_result_id = 'Q8-4' and is_looked_at "
        "order by day"
    ).fetchall()
    assert path.values == [pytest.approx((value - 50) / 200) for (value,) in days]


def test_an_objective_takes_together_the_key_results_that_have_weight(built: duckdb.DuckDBPyConnection) -> None:
    built.execute("delete from intermediate.int_goals__key_results where key_result_id = 'Q8-0'")
    (row,) = objective_forecasts(built, TODAY)
    each = by(key_result_forecasts(built, TODAY), "key_result_id")
    assert (row["objective_id"], row["key_results"]) == ("Q8-O", 3)
    chances = [float(str(each[f"Q8-{line}"]["p_hit"])) for line in (2, 3, 4)]
    together = float(str(row["p_all"]))
    assert float(str(row["highest"])) == pytest.approx(min(chances), abs=1e-6)
    product = chances[0] * chances[1] * chances[2]
    assert product < together <= min(chances), "what moves together is not multiplied"
    assert row["reason"] == "no_value", "one of them nobody looked at"


def test_an_objective_of_which_one_part_can_not_be_forecast_says_so(built: duckdb.DuckDBPyConnection) -> None:
    (row,) = objective_forecasts(built, TODAY)
    assert (row["key_results"], row["reason"], row["p_all"]) == (4, "no_target", None)


def test_forecasts_of_the_past_are_held_against_what_came(built: duckdb.DuckDBPyConnection) -> None:
    found = by(forecast_calibration(built, TODAY), "age", "bin")
    every = found["all/all"]
    assert (every["forecasts"], every["cycles"], every["reason"]) == (8 * LINES * len(AGES), 8, None)
    for age in ("all", *map(str, AGES)):
        bins = [row for key, row in found.items() if key.startswith(f"{age}/") and key != f"{age}/all"]
        assert sum(int(row["forecasts"] or 0) for row in bins) == found[f"{age}/all"]["forecasts"]
        assert sum(int(row["inside"] or 0) for row in bins) == found[f"{age}/all"]["inside"]
    came = sum(reached >= 100 for reached in (*range(62, 112, 10), *range(102, 152, 10))) / (2 * LINES)
    assert float(str(every["came"])) == pytest.approx(came, abs=1e-6)
    assert float(str(every["brier"])) < came * (1 - came), "worse than the share alone"


def test_under_four_cycles_nothing_is_held_to_account(built: duckdb.DuckDBPyConnection) -> None:
    built.execute("delete from intermediate.int_goals__key_results where cycle_id < 'Q5'")
    found = by(forecast_calibration(built, TODAY), "age", "bin")
    assert set(found) == {f"{age}/all" for age in ("all", *map(str, AGES))}
    assert {(row["cycles"], row["forecasts"], row["reason"]) for row in found.values()} == {
        (3, 0, "insufficient_history")
    }


def test_without_goals_nothing_is_said(built: duckdb.DuckDBPyConnection) -> None:
    built.execute("delete from intermediate.int_goals__key_results")
    assert list(key_result_forecasts(built, TODAY)) == []
    assert list(objective_forecasts(built, TODAY)) == []
    assert {row["reason"] for row in forecast_calibration(built, TODAY)} == {"insufficient_history"}


def test_a_path_of_the_past_knows_nothing_that_came_later(built: duckdb.DuckDBPyConnection) -> None:
    for path in goals.read(built, TODAY).past:
        early = cut(path, 0.5)
        assert early.end is None
        assert len(early.times) == len(early.values) < len(path.times)
        assert max(early.times) <= 0.5 < max(path.times)
