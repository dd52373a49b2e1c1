"""How far each key result truly is, on each day on which anybody looked at it.

The definitions:
- A key result lives from the first day of its cycle, or from its own valid_from, to its cycle's end. What it is comes
  from the row that holds; its start and original target from its first row, and a later row's target is a change of it.
- It has a row for each day on which a check-in says where it stood, the last measured day of each week where it is
  bound, the days on which its target changed, and its last day, or today where that has not come.
- Its manual value is that of the last check-in up to the day, by time, else by row. A check-in after the end counts on
  the last day if it is within the days of grading; any other outside of the life counts nothing.
- Its bound value is what its measure says of the objective's product (and slice) on the day, or last before it within
  the life; days and periods that are not over say nothing. The bound one counts where there is one, unless the last
  check-in overrides it. All are kept.
- Increase and decrease: (value - start) / (target - start). Binary: 1 from 1 on, else 0. A baseline is first measured:
  its start is its first value, and it has no progress before a target is set.
- Stay-above and stay-below: 1 where the limit is kept, else 0, by the last value, or by a switch: of the last values of
  all periods (weeks, or by a switch days or months) the share that kept it, the worst, their mean. A value at the limit
  keeps it, or by a switch does not; a period without a value is left out, or by a switch has not kept it. Periods count
  from the first that begins in the life, or is looked at, to the last that is looked at.
- There is a progress against the original target and one against that of the day; a period is judged by the target of
  its own day. Both are kept as they are and clipped to 0...1. Where there is none, a reason says why: no_value,
  no_target, target_is_start.
- Cancelled, paused and postponed key results leave from the day of their status; so does one whose valid range ends
  before its cycle, and one whose objective leaves. It has no rows from then on and no outcome.
Does not: objectives' scores and pace (okr.py), forecasts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.company import Company
from sandbox.timestamps import utc

ONE = timedelta(days=1)
By = Mapping[date, Fraction]
Measures = Mapping[tuple[str, str, str], By]  # by metric, product and slice
NOBODYS = "COMPANY"
LEFT = ("cancelled", "paused", "postponed")
STAYS = ("stay-above", "stay-below")
FAR = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of policy.yml that bear on goals."""

    control_value: str = "last"
    period: str = "week"
    border: str = "met"
    gap: str = "left_out"
    without_value: str = "left_out"
    score_from: str = "both"
    grading_days: int = 14
    pace_ends: str = "first_0_last_1"

    @classmethod
    def of(cls, policy: Mapping[str, str]) -> Rules:
        chosen: dict[str, Any] = {name: policy.get(f"okr_{name}") for name in cls.__slots__}
        if chosen["grading_days"] is not None:
            chosen["grading_days"] = int(chosen["grading_days"])
        return cls(**{name: value for name, value in chosen.items() if value is not None})


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """`ratio` is None where there is a reason."""

    ratio: Fraction | None
    reason: str = ""

    @property
    def clipped(self) -> Fraction | None:
        return None if self.ratio is None else min(Fraction(1), max(Fraction(0), self.ratio))


@dataclass(frozen=True, slots=True)
class Looked:
    """A check-in, in order of time."""

    day: date
    value: Fraction
    overrides: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A key result on a day."""

    key_result_id: str
    day: date
    manual: Fraction | None
    bound: Fraction | None
    overrides: bool
    start: Fraction | None
    original_target: Fraction | None
    target: Fraction | None
    original: GoalProgress
    current: GoalProgress

    @property
    def value(self) -> Fraction | None:
        return self.manual if self.bound is None or self.overrides else self.bound

    @property
    def differs(self) -> bool:
        return None not in (self.manual, self.bound) and self.manual != self.bound


def progress(
    kind: str, start: Fraction | None, target: Fraction | None, value: Fraction | None, border: str = "met"
) -> GoalProgress:
    if value is None:
        return GoalProgress(None, "no_value")
    if target is None:
        return GoalProgress(None, "no_target")
    if kind == "binary":
        return GoalProgress(Fraction(value >= 1))
    if kind in STAYS:
        return GoalProgress(Fraction(keeps(kind, target, value, border)))
    if start is None or start == target:
        return GoalProgress(None, "target_is_start")
    return GoalProgress((value - start) / (target - start))


def keeps(kind: str, target: Fraction, value: Fraction, border: str) -> bool:
    if value == target:
        return border == "met"
    return value > target if kind == "stay-above" else value < target


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class KeyResultProgress:
    """``first``, ``end``: its life, the end being the day after the last. ``left``: from this day on it is no goal."""

    key_result_id: str
    kind: str
    start: Fraction | None
    original: Fraction | None
    first: date
    end: date
    looked: Sequence[Looked] = ()
    revised: By = field(default_factory=dict)
    measured: By = field(default_factory=dict)
    left: date = FAR
    rules: Rules = Rules()

    def states(self, today: date) -> list[State]:
        last = min(self.end - ONE, today, self.left - ONE)
        if last < self.first:
            return []
        weeks: dict[date, date] = {}
        for day in self.measured:
            if self.first <= day <= last:
                weeks[monday(day)] = max(day, weeks.get(monday(day), day))
        days = {one.day for one in self.counted(today)} | set(weeks.values()) | {last}
        days |= {max(day, self.first) for day in self.revised}
        return [self.state(day, today) for day in sorted(days) if self.first <= day <= last]

    def counted(self, today: date) -> list[Looked]:
        """Check-ins that count, each on its day; those of grading on the last day."""
        found = []
        for one in self.looked:
            is_graded = self.end <= one.day < self.end + timedelta(days=self.rules.grading_days)
            if one.day <= today and (self.first <= one.day < self.end or is_graded):
                found.append(Looked(self.end - ONE, one.value, one.overrides) if is_graded else one)
        return found

    def at(self, day: date, today: date) -> tuple[Fraction | None, Fraction | None, bool]:
        """Manual and bound value, and whether the manual one overrides."""
        looked = [one for one in self.counted(today) if one.day <= day]
        measured = [known for known in self.measured if self.first <= known <= day]
        manual = looked[-1] if looked else None
        bound = self.measured[max(measured)] if measured else None
        return manual and manual.value, bound, bool(manual and manual.overrides)

    def value(self, day: date, today: date) -> Fraction | None:
        manual, bound, overrides = self.at(day, today)
        return manual if bound is None or overrides else bound

    def target(self, day: date) -> Fraction | None:
        days = [known for known in self.revised if known <= day]
        return self.revised[max(days)] if days else self.original

    def observed(self, day: date, today: date) -> list[date]:
        """The days up to a day on which there was something to see."""
        days = {one.day for one in self.counted(today)} | {known for known in self.measured if known >= self.first}
        return sorted(known for known in days if known <= day)

    def state(self, day: date, today: date) -> State:
        manual, bound, overrides = self.at(day, today)
        targets, start = (self.original, self.target(day)), self.start
        if self.kind == "baseline" and start is None and (seen := self.observed(day, today)):
            start = self.value(seen[0], today)
        if self.kind in STAYS and self.rules.control_value != "last":
            scores = [self.controlled(day, today, None), self.controlled(day, today, day)]
        else:
            value = self.value(day, today)
            scores = [progress(self.kind, start, target, value, self.rules.border) for target in targets]
        return State(self.key_result_id, day, manual, bound, overrides, start, *targets, *scores)

    def controlled(self, day: date, today: date, of: date | None) -> GoalProgress:
        """A limit over all periods so far; against the original target, or (``of`` a day) those that were in force."""
        rules, ends = self.rules, dict[date, date]()
        for seen in self.observed(day, today):
            ends[begun(seen, rules.period)] = seen
        if not ends:
            return GoalProgress(None, "no_value")
        values = {period: self.value(seen, today) or Fraction(0) for period, seen in ends.items()}
        aims = {period: self.original if of is None else self.target(seen) for period, seen in ends.items()}
        last = self.original if of is None else self.target(of)
        if last is None or None in aims.values():
            return GoalProgress(None, "no_target")
        if rules.control_value == "mean":
            return progress(self.kind, None, last, sum(values.values(), Fraction(0)) / len(values), rules.border)
        kept = sum(
            keeps(self.kind, aims[period] or Fraction(0), value, rules.border) for period, value in values.items()
        )
        count = len(values) if rules.gap == "left_out" else self.periods(min(values), max(values))
        return GoalProgress(Fraction(kept == count) if rules.control_value == "worst" else Fraction(kept, count))

    def periods(self, first_seen: date, last_seen: date) -> int:
        """How many periods there are up to the last that was looked at."""
        kind = self.rules.period
        days = range((max(last_seen, self.first) - self.first).days + 1)
        starts = {begun(self.first + ONE * number, kind) for number in days}
        return len({start for start in starts if start >= self.first or start == first_seen})


def begun(day: date, period: str) -> date:
    """The first day of the period that a day is in."""
    return day if period == "day" else monday(day) if period == "week" else day.replace(day=1)


def number(text: str | None) -> Fraction | None:
    return Fraction(text) if text else None


def day_of(text: str | None, otherwise: date) -> date:
    return date.fromisoformat(text) if text else otherwise


def versions(rows: Sequence[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    """The rows of each id, in order of the days from which they hold."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in sorted(rows, key=lambda one: one.get("valid_from", "")):
        found.setdefault(row["id"], []).append(row)
    return found


def on(rows: Sequence[Mapping[str, str]], day: date) -> Mapping[str, str]:
    """The row that holds on a day: the last that has begun, else the first."""
    begun = [row for row in rows if day_of(row.get("valid_from"), date.min) <= day]
    return (begun or rows[:1])[-1]


def left_on(row: Mapping[str, str], end: date) -> date:
    """From when on it is no goal."""
    ended = day_of(row.get("valid_to"), FAR)
    status = date.fromisoformat(row["status_date"]) if row.get("status") in LEFT else FAR
    return min(ended if ended < end else FAR, status)


def lives(company: Company, now: int, measures: Measures) -> list[KeyResultProgress]:
    """Those of each key result."""
    rules, today = Rules.of(company.policy), today_of(now)
    cycles = {row["id"]: row for row in company.rows("okr_cycles", now)}
    objectives = versions(company.rows("objectives", now))
    looked, revised = defaultdict[str, list[Looked]](list), defaultdict[str, dict[date, Fraction]](dict)
    zone = ZoneInfo(company.reporting_zone)
    said = defaultdict[tuple[str, date], list[tuple[datetime | None, Mapping[str, str]]]](list)
    for row in company.rows("checkins", now):
        said[row["kr_id"], local_day(row["date"], zone)].append((instant(row["date"], zone), row))
    for (name, day), its_rows in sorted(said.items()):
        if all(at is not None for at, _ in its_rows):
            its_rows.sort(key=lambda one: one[0].timestamp() if one[0] else 0.0)
        for _, row in its_rows:
            looked[name].append(Looked(day, Fraction(row["value"]), row.get("overrides", "").lower() == "true"))
    for row in company.rows("key_result_targets", now):
        revised[row["key_result"]][date.fromisoformat(row["date"])] = Fraction(row["target"])
    found = []
    for name, its in versions(company.rows("key_results", now)).items():
        row, kind = on(its, today), its[0]["type"]
        objective = on(objectives[row["objective"]], today)
        cycle = cycles[objective["cycle"]]
        first, end = date.fromisoformat(cycle["start"]), date.fromisoformat(cycle["end"])
        for before, one in pairwise(its):
            aim = number(one["target"])
            if aim is not None and aim != number(before["target"]):
                revised[name].setdefault(date.fromisoformat(one["valid_from"]), aim)
        original = number(its[0]["target"])
        if kind == "maintain":
            kind, original = "stay-above", original if original is not None else number(its[0]["start"])
        found.append(
            KeyResultProgress(
                name,
                kind,
                number(its[0]["start"]),
                original,
                max(first, day_of(its[0].get("valid_from"), first)),
                end,
                looked[name],
                revised[name],
                measures.get((row["metric"], objective["product_id"] or NOBODYS, row.get("slice", "")), {}),
                min(left_on(its[-1], end), left_on(objectives[row["objective"]][-1], end)),
                rules,
            )
        )
    return found


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Of a check-in with a time of day; without a zone by the reporting zone's clock."""
    at = datetime.fromisoformat(text)
    return None if len(text) == len("2026-01-31") else at if at.tzinfo else at.replace(tzinfo=zone)


def local_day(text: str, zone: ZoneInfo) -> date:
    at = instant(text, zone)
    return at.astimezone(zone).date() if at else date.fromisoformat(text)


def today_of(now: int) -> date:
    """The day on which the company's files were read."""
    return utc(now).date()


def key_results(company: Company, now: int, measures: Measures) -> list[State]:
    return [state for life in lives(company, now, measures) for state in life.states(today_of(now))]


def measures(marts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Measures:
    """What the usage mart says of each product and slice, on days that are over: all but the last one."""
    found: dict[tuple[str, str, str], dict[date, Fraction]] = defaultdict(dict)
    last = max((row["activity_date"] for row in marts["mart_usage"]), default="")
    for row in marts["mart_usage"]:
        if row["activity_date"] < last:
            part = "" if row["slice_type"] == "all" else f"{row['slice_type']}={row['slice_value']}"
            for name in ("dau", "wau", "mau_28d", "mau_month"):
                key = (f"mart_usage.{name}", row["product_id"], part)
                found[key][date.fromisoformat(row["activity_date"])] = Fraction(row[name])
    return found
