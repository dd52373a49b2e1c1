"""Forecasts of the company's own goals: paths of key results read from the warehouse, forecast, and held to account.

Belongs here: which key results are learned from and which are forecast, what lands of a forecast, how earlier forecasts
would have held. Does not: the model (key_results.py, objectives.py), progress and scores (dbt_project).

Learned from are key results whose cycle is graded and that stayed to its end; forecast are those that have begun, have
not been left and are not graded yet. Progress is towards the target of its last day, also on the days before a
revision: a goal that is moved does not make the path jump.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

import duckdb
import numpy as np

from planning.key_results import ENOUGH_CYCLES, Forecast, History, Path, forecasts, limited
from planning.objectives import outlook

Row = Mapping[str, str | int | bool | None]

LOOKED = """
    select
        results.key_result_id, results.objective_id, results.cycle_id, results.line, results.kr_type,
        results.first_date, results.end_date, results.success_at, results.weight, results.is_graded,
        days.day, days.is_looked_at, days.value, days.start_value, days.target_value, days.progress
    from intermediate.int_goals__key_results as results
    inner join intermediate.int_goals__key_result_days as days using (key_result_id)
    where results.first_date <= $today
        and case when results.is_graded then results.has_outcome else results.left_date > $today end
        and (days.is_looked_at or days.is_last)
    order by results.key_result_id, days.day
    """
"""The last day of each (today while it runs) has its start, target and value, whether or not it was looked at."""
AGES = (0.25, 0.5, 0.75)
"""When in its life a key result of the past is forecast again."""
BINS = 10
STEPS = ("increase", "decrease", "baseline")
"""Types whose progress is a share of the way."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A key result with its path."""

    objective_id: str
    weight: float
    is_graded: bool
    path: Path


@dataclass(frozen=True, slots=True)
class Goals:
    past: list[Path]
    running: list[Goal]


def read(built: duckdb.DuckDBPyConnection, today: date) -> Goals:
    """The key results that are learned from and those that are forecast."""
    query = built.execute(LOOKED, {"today": today})
    names = [column[0] for column in query.description]
    rows = [dict(zip(names, row, strict=True)) for row in query.fetchall()]
    goals = [goal(list(its), today) for _, its in groupby(rows, lambda row: row["key_result_id"])]
    return Goals([one.path for one in goals if one.is_graded], [one for one in goals if not one.is_graded])


def goal(days: Sequence[Mapping[str, Any]], today: date) -> Goal:
    """A key result from its days in order of time; the last says where its start and its target are."""
    last = days[-1]
    first, end, target = last["first_date"], last["end_date"], last["target_value"]
    seen = [(elapsed(day["day"], first, end), progress(day, last)) for day in days if day["is_looked_at"]]
    known = [(float(time), value) for time, value in seen if value is not None]
    path = Path(
        last["key_result_id"],
        last["cycle_id"],
        last["line"],
        [time for time, _ in known],
        [value for _, value in known],
        last["success_at"] if target is not None else None,
        progress(last, last) if last["is_graded"] else None,
        float(elapsed(today, first, end)),
        last["kr_type"],
    )
    return Goal(last["objective_id"], last["weight"], last["is_graded"], path)


def elapsed(day: date, first: date, end: date) -> Fraction:
    """The share of a life that is over: 0 on its first day, 1 on its last. ``end`` is the day after the last.

    A key result that begins late has a life of its own: ``first`` is the day on which it began.
    """
    days = (end - timedelta(days=1) - first).days
    if days <= 0:
        return Fraction(day >= first)
    return min(Fraction(1), max(Fraction(0), Fraction((day - first).days, days)))


def progress(day: Mapping[str, Any], last: Mapping[str, Any]) -> float | None:
    """Progress of a day towards the last target."""
    if last["kr_type"] not in STEPS:
        return None if day["progress"] is None else float(day["progress"])
    start, target, value = last["start_value"], last["target_value"], day["value"]
    if value is None or target is None or start is None or start == target:
        return None
    return float((value - start) / (target - start))


def key_result_forecasts(built: duckdb.DuckDBPyConnection, today: date) -> Iterator[Row]:
    """One row a running key result."""
    goals = read(built, today)
    for one, its in zip(goals.running, foreseen(goals), strict=True):
        yield {
            "key_result_id": one.path.key_result_id,
            "as_of_date": today.isoformat(),
            "cycles": its.cycles,
            "learned_from": its.learned_from,
            "reason": its.reason or None,
            **texts(its, ("p_hit", "p10", "p50", "p90", "expected", "usual_pace")),
        }


def foreseen(goals: Goals) -> list[Forecast]:
    return forecasts(History(goals.past), goals.past, [one.path for one in goals.running])


def objective_forecasts(built: duckdb.DuckDBPyConnection, today: date) -> Iterator[Row]:
    """One row an objective with a running key result that has weight: those of weight 0 are shown and not counted."""
    goals = read(built, today)
    history = History(goals.past)
    its: dict[str, list[tuple[Goal, Forecast]]] = {}
    for one, foretold in zip(goals.running, foreseen(goals), strict=True):
        if one.weight:
            its.setdefault(one.objective_id, []).append((one, foretold))
    for objective, pairs in sorted(its.items()):
        paths, said = [one.path for one, _ in pairs], [foretold for _, foretold in pairs]
        found = outlook(history, paths, said, [one.weight for one, _ in pairs])
        unknown = min((foretold.reason for foretold in said if foretold.p_hit is None), default="")
        yield {
            "objective_id": objective,
            "as_of_date": today.isoformat(),
            "key_results": len(pairs),
            "reason": (found.reason if found else unknown) or None,
            **texts(found, ("p_all", "lowest", "highest", "p10", "p50", "p90")),
        }


def texts(of: object, names: Iterable[str]) -> dict[str, str | None]:
    """Ratios as texts of six places, which is more than anybody knows."""
    values = {name: getattr(of, name, None) for name in names}
    return {name: None if value is None else f"{value:.6f}" for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Held:
    """A forecast of the past and what came: ``inside`` is None where there was no interval."""

    age: float
    said: float
    came: bool
    inside: bool | None


def forecast_calibration(built: duckdb.DuckDBPyConnection, today: date) -> Iterator[Row]:
    """One row an age and bin of what was said, and one of each age for all bins; ``all`` stands for all of them."""
    past, on = read(built, today).past, {"as_of_date": today.isoformat()}
    cycles = len({path.cycle for path in past})
    held = list(again(past)) if cycles >= ENOUGH_CYCLES else []
    for age in ("all", *map(str, AGES)):
        of_age = [one for one in held if age in ("all", str(one.age))]
        yield on | summed(age, "all", of_age, cycles)
        for place in range(BINS):
            in_bin = [one for one in of_age if min(int(one.said * BINS), BINS - 1) == place]
            if in_bin:
                yield on | summed(age, str(place), in_bin, cycles)


def again(past: Sequence[Path]) -> Iterator[Held]:
    """Each key result of the past, forecast at each age by what is known without its cycle."""
    for cycle in sorted({path.cycle for path in past}):
        others = [path for path in past if path.cycle != cycle]
        history = History(others)
        left_out = [path for path in past if path.cycle == cycle and path.succeeds_at is not None]
        for age in AGES:
            running = [cut(path, age) for path in left_out]
            for path, its in zip(left_out, forecasts(history, others, running), strict=True):
                if its.p_hit is None or path.end is None or path.succeeds_at is None:
                    continue
                # An end beyond the limits is forecast as the limit.
                end = float(limited(np.array(path.end / path.succeeds_at))) * path.succeeds_at
                inside = None if its.p10 is None or its.p90 is None else its.p10 <= end <= its.p90
                yield Held(age, its.p_hit, path.end >= path.succeeds_at, inside)


def cut(path: Path, age: float) -> Path:
    """A key result of the past as it was at an age."""
    known = [(time, value) for time, value in zip(path.times, path.values, strict=True) if time <= age]
    return replace(path, times=[time for time, _ in known], values=[value for _, value in known], end=None, age=age)


def summed(age: str, place: str, held: Sequence[Held], cycles: int) -> dict[str, str | int | None]:
    intervals = [one.inside for one in held if one.inside is not None]
    found = {
        "said": np.mean([one.said for one in held]) if held else None,
        "came": np.mean([one.came for one in held]) if held else None,
        "brier": np.mean([(one.said - one.came) ** 2 for one in held]) if held else None,
    }
    return {
        "age": age,
        "bin": place,
        "cycles": cycles,
        "forecasts": len(held),
        "intervals": len(intervals),
        "inside": sum(intervals),
        "reason": None if held else "insufficient_history",
        **{name: None if value is None else f"{value:.6f}" for name, value in found.items()},
    }
