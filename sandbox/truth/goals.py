"""How far each key result truly is, on each day on which anybody looked at it.

The definitions:
- A key result has a row for each day of its cycle on which it was looked at, or its target was changed, and for the
  cycle's last day, or today where that has not come.
- Its manual value is that of the last check-in of the cycle up to the day; its bound value is what its measure says of
  the objective's product on that day, or last before it within the cycle. Both are shown; the bound one counts where
  the key result is bound and the measure says anything, else the manual one.
- Increase and decrease: (value − start) / (target − start). Stay-above and stay-below, binary: 1 where the value is at
  the target or on its right side, else 0. A baseline is first measured: its start is its first value of the cycle, and
  it has no progress before a target is set.
- There is a progress against the original target and one against that of the day; both are kept as they are and clipped
  to 0…1. Where there is none, a reason says why: no_value, no_target, target_is_start.
Does not: objectives' scores, pace, forecasts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.timestamps import local_date

ONE = timedelta(days=1)
By = Mapping[date, Fraction]
Measures = Mapping[tuple[str, str], By]  # by metric and product
NOBODYS = "COMPANY"


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """`ratio` is None where there is a reason."""

    ratio: Fraction | None
    reason: str = ""

    @property
    def clipped(self) -> Fraction | None:
        return None if self.ratio is None else min(Fraction(1), max(Fraction(0), self.ratio))


@dataclass(frozen=True, slots=True)
class State:
    """A key result on a day."""

    key_result_id: str
    day: date
    manual: Fraction | None
    bound: Fraction | None
    original_target: Fraction | None
    target: Fraction | None
    original: GoalProgress
    current: GoalProgress

    @property
    def value(self) -> Fraction | None:
        return self.manual if self.bound is None else self.bound

    @property
    def differs(self) -> bool:
        return None not in (self.manual, self.bound) and self.manual != self.bound


def progress(kind: str, start: Fraction | None, target: Fraction | None, value: Fraction | None) -> GoalProgress:
    if value is None:
        return GoalProgress(None, "no_value")
    if target is None:
        return GoalProgress(None, "no_target")
    if kind in ("stay-above", "binary"):
        return GoalProgress(Fraction(value >= target))
    if kind == "stay-below":
        return GoalProgress(Fraction(value <= target))
    if start is None or start == target:
        return GoalProgress(None, "target_is_start")
    return GoalProgress((value - start) / (target - start))


def key_results(company: Company, now: int, measures: Measures) -> list[State]:
    today = local_date(now, company.reporting_zone)
    cycles = {row["id"]: row for row in company.rows("okr_cycles", now)}
    objectives = {row["id"]: row for row in company.rows("objectives", now)}
    looked, revised = defaultdict[str, dict[date, Fraction]](dict), defaultdict[str, dict[date, Fraction]](dict)
    for row in company.rows("checkins", now):
        looked[row["kr_id"]][date.fromisoformat(row["date"])] = Fraction(row["value"])
    for row in company.rows("key_result_targets", now):
        revised[row["key_result"]][date.fromisoformat(row["date"])] = Fraction(row["target"])
    found: list[State] = []
    for row in company.rows("key_results", now):
        objective = objectives[row["objective"]]
        cycle = cycles[objective["cycle"]]
        first, end = date.fromisoformat(cycle["start"]), date.fromisoformat(cycle["end"])
        measured = measures.get((row["metric"], objective["product_id"] or NOBODYS), {})
        known = KeyResultProgress(row, first, looked[row["id"]], revised[row["id"]], measured)
        found += known.states(min(end - ONE, today))
    return found


def number(text: str) -> Fraction | None:
    return Fraction(text) if text else None


def last(values: By, first: date, day: date) -> Fraction | None:
    days = [known for known in values if first <= known <= day]
    return values[max(days)] if days else None


@dataclass(frozen=True, slots=True)
class KeyResultProgress:
    row: Mapping[str, str]
    first: date
    looked: By
    revised: By
    measured: By

    def states(self, end: date) -> Iterator[State]:
        for day in sorted({day for day in (*self.looked, *self.revised, end) if self.first <= day <= end}):
            yield self.state(day)

    def state(self, day: date) -> State:
        kind, original = self.row["type"], number(self.row["target"])
        manual, bound = last(self.looked, self.first, day), last(self.measured, self.first, day)
        target = last(self.revised, date.min, day)
        target = original if target is None else target
        value = manual if bound is None else bound
        start = number(self.row["start"])
        if kind == "baseline" and start is None:
            values = self.looked if bound is None else self.measured
            start = values.get(min((known for known in values if known >= self.first), default=day))
        scores = [progress(kind, start, aim, value) for aim in (original, target)]
        return State(self.row["id"], day, manual, bound, original, target, *scores)


def measures(marts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Measures:
    """What the usage mart says of each product, all slices together, day by day."""
    found: dict[tuple[str, str], dict[date, Fraction]] = defaultdict(dict)
    for row in marts["mart_usage"]:
        if row["slice_type"] == "all":
            for name in ("dau", "wau", "mau_28d", "mau_month"):
                day = date.fromisoformat(row["activity_date"])
                found[f"mart_usage.{name}", row["product_id"]][day] = Fraction(row[name])
    return found
