"""Scores of objectives, pace and labels of all goals: the rows of mart_okr.

The definitions:
- An objective's score on a day is the mean by weights of the clipped progress of its key results and the scores of the
  objectives that contribute to it, each once; what supports it does not count. By a switch it is of its key results
  alone, or of the objectives that contribute where there are any. A member counts from the day on which it begins, with
  where it stood last, and until it leaves. What has no score is left out, or by a switch a key result counts as 0.
- A key result with a value is what it measures; one without takes the mean of what contributes to it.
- Who has several parents within what a score is made of counts once there: with the shares of its parents, which are
  equal unless said. Its first parent has what the others leave.
- Straight-line expectation is the share of the life that is over: 0 on the first day and 1 on the last; by switches 0
  and nearly 1, or nearly 0 and 1. A limit is expected to be kept from the first day; what is only done or not has no
  expectation, and in an objective that of its life. An objective's is the mean of those that its score is made of, by
  the same weights. Pace is progress over expectation.
- Labels: the outcome where the life is over, else the forecast, else pace.
Does not: where key results stand (goals.py), forecasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.truth.goals import (
    FAR,
    ONE,
    STAYS,
    KeyResultProgress,
    Measures,
    Rules,
    State,
    day_of,
    left_on,
    lives,
    number,
    on,
    today_of,
    versions,
)

ON_TRACK, AT_RISK = Fraction(7, 10), Fraction(4, 10)
ALL = Fraction(1)


@dataclass(frozen=True, slots=True)
class Edge:
    """A child below a parent: a key result or an objective below either."""

    parent: str
    child: str
    share: Fraction | None = None
    since: date = date.min
    until: date = FAR


@dataclass(frozen=True, slots=True)
class Life:
    """Of an objective: its first day, the day after its cycle, the day from which it no longer counts."""

    name: str
    product_id: str
    first: date
    end: date
    left: date


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, of how many of how many, and of how much weight of how much; of key results alone."""

    score: Fraction | None
    reason: str
    due: Fraction | None
    members: int
    scored: int
    weight: Fraction
    scored_weight: Fraction


@dataclass(slots=True)
class Goals:
    """Key results with their states, objectives with their lives, and what contributes to what."""

    rules: Rules
    results: Mapping[str, KeyResultProgress]
    states: Mapping[str, Sequence[State]]
    lives: Mapping[str, tuple[date, date]]  # of both: first day, and day from which it no longer counts
    weights: Mapping[str, Sequence[tuple[date, Fraction]]]
    edges: Sequence[Edge]
    which: str = "current"
    below: dict[str, list[Edge]] = field(default_factory=dict)
    above: dict[str, list[Edge]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for edge in self.edges:
            self.below.setdefault(edge.parent, []).append(edge)
            self.above.setdefault(edge.child, []).append(edge)

    def counts(self, name: str, day: date) -> bool:
        first, left = self.lives[name]
        return first <= day < left

    def weight(self, name: str, day: date) -> Fraction:
        known = [weight for since, weight in self.weights[name] if since <= day]
        return (known or [self.weights[name][0][1]])[-1]

    def progress(self, name: str, day: date) -> Fraction | None:
        """Of a key result, as it stood last."""
        known = [state for state in self.states.get(name, ()) if state.day <= day]
        return getattr(known[-1], self.which).clipped if known else None

    def is_key_result(self, name: str) -> bool:
        return name in self.states

    def children(self, name: str, day: date) -> list[Edge]:
        """What counts in a goal on a day; nothing but its own value in a key result that has one."""
        if self.is_key_result(name) and self.progress(name, day) is not None:
            return []
        edges = [
            edge for edge in self.below.get(name, ()) if edge.since <= day < edge.until and self.counts(edge.child, day)
        ]
        results = [edge for edge in edges if self.is_key_result(edge.child)]
        objectives = [edge for edge in edges if not self.is_key_result(edge.child)]
        if self.is_key_result(name) or self.rules.score_from == "both":
            return edges
        if self.rules.score_from == "key_results":
            return results
        return objectives or results

    def inside(self, top: str, day: date) -> set[str]:
        found, new = {top}, [top]
        while new:
            new = [edge.child for name in new for edge in self.children(name, day) if edge.child not in found]
            found |= {*new}
        return found

    def descendants(self, top: str) -> set[str]:
        """Whatever ever contributes to a goal, at any depth."""
        found, new = {top}, [top]
        while new:
            new = [edge.child for name in new for edge in self.below.get(name, ()) if edge.child not in found]
            found |= {*new}
        return found

    def score(self, name: str, day: date) -> Scored:
        return self._score(name, day, self.inside(name, day))

    def _score(self, name: str, day: date, scope: set[str]) -> Scored:
        total = due = weights = Fraction(0)
        edges = self.children(name, day)
        results, scored, has_value = [Fraction(0), Fraction(0)], [0, 0], False
        for edge in edges:
            value, expected = self._value(edge.child, day, scope)
            weight = self.weight(edge.child, day)
            if self.is_key_result(edge.child):
                for has in range(2 if value is not None else 1):
                    results[has] += weight
                    scored[has] += 1
                if value is None and self.rules.without_value == "zero":
                    value = Fraction(0)
            if value is not None:
                has_value = True
                weight *= self._share(edge, day, scope)
                total, due, weights = total + weight * value, due + weight * (expected or 0), weights + weight
        reason = "" if weights else "no_weight" if has_value else "no_value" if edges else "no_key_results"
        score, due_by_now = (total / weights, due / weights) if weights else (None, None)
        return Scored(score, reason, due_by_now, scored[0], scored[1], *results)

    def _value(self, name: str, day: date, scope: set[str]) -> tuple[Fraction | None, Fraction | None]:
        """A member's score and what is expected of it."""
        if self.is_key_result(name):
            life = self.results[name]
            due = ALL if life.kind in STAYS else expected(day, life.first, life.end, self.rules.pace_ends)
            own = self.progress(name, day)
            if own is not None or not self.children(name, day):
                return own, due
        below = self._score(name, day, scope)
        return below.score, below.due

    def _share(self, edge: Edge, day: date, scope: set[str]) -> Fraction:
        """Of a child's parents within a scope, what this one has."""
        parents = [
            one for one in self.above[edge.child] if one.parent in scope and one in self.children(one.parent, day)
        ]
        all_parents = [one for one in self.above[edge.child] if one.since <= day < one.until]
        said = sum((one.share for one in all_parents if one.share is not None), Fraction(0))
        unsaid = [one for one in all_parents if one.share is None]
        if not said:
            return Fraction(1, len(parents))
        rest = max(1 - said, Fraction(0)) / len(unsaid) if unsaid else Fraction(0)
        parts = {id(one): rest if one.share is None else one.share for one in parents}
        return parts[id(edge)] / (sum(parts.values()) or 1)


def expected(day: date, first: date, end: date, ends: str) -> Fraction:
    """The share of a life that is over; ``end`` is the day after the last."""
    days, past = (end - first).days, (day - first).days
    if ends == "days_begun":
        share = Fraction(past + 1, days)
    elif ends == "to_the_day_after":
        share = Fraction(past, days)
    else:
        share = Fraction(past, days - 1) if days > 1 else ALL
    return min(ALL, max(Fraction(0), share))


def of_kind(kind: str, over: Fraction) -> Fraction | None:
    """What is expected of a goal when a share of its life is over."""
    return ALL if kind in STAYS else None if kind == "binary" else over


def pace(progress: Fraction | None, due: Fraction | None) -> tuple[Fraction | None, str]:
    if progress is None:
        return None, "no_value"
    if due is None:
        return None, "binary"
    return (progress / due, "") if due else (None, "cycle_begins")


def needed(progress: Fraction | None, aim: Fraction, over: Fraction) -> Fraction | None:
    """Progress per whole life that is needed from now on."""
    return None if progress is None or over >= 1 else max(aim - progress, Fraction(0)) / (1 - over)


def word(ratio: Fraction) -> str:
    return "on_track" if ratio >= ON_TRACK else "at_risk" if ratio >= AT_RISK else "off_track"


def okr(company: Company, now: int, measures: Measures) -> list[dict[str, Any]]:
    """The rows of mart_okr, but for what is forecast."""
    today, rules = today_of(now), Rules.of(company.policy)
    known = {life.key_result_id: life for life in lives(company, now, measures)}
    states = {name: life.states(today) for name, life in known.items()}
    objectives = versions(company.rows("objectives", now))
    results = versions(company.rows("key_results", now))
    spans = objective_lives(company, now)
    alive = {name: (life.first, life.left) for name, life in known.items()}
    alive |= {life.name: (life.first, life.left) for life in spans}
    weights = {
        name: [(day_of(row.get("valid_from"), date.min), weight_of(row)) for row in its]
        for name, its in (*objectives.items(), *results.items())
    }
    links = edges(company, now, today)
    both = {which: Goals(rules, known, states, alive, weights, links, which) for which in ("original", "current")}
    rows: list[dict[str, Any]] = []
    for name, its in results.items():
        aim = number(on(its, today).get("success_at")) or ALL
        rows += [_key_result(known[name], state, aim, both["current"].weight(name, today)) for state in states[name]]
    for life in spans:
        last = min(today, life.end - ONE, life.left - ONE)
        below = both["current"].descendants(life.name)
        days = {last} | {state.day for one in below for state in states.get(one, ()) if life.first <= state.day <= last}
        rows += [_objective(life.name, day, today, life.end, both) for day in sorted(days) if life.first <= last]
    return rows


def objective_lives(company: Company, now: int) -> list[Life]:
    today = today_of(now)
    cycles = {row["id"]: row for row in company.rows("okr_cycles", now)}
    found = []
    for name, its in versions(company.rows("objectives", now)).items():
        held = on(its, today)
        first, end = (date.fromisoformat(cycles[held["cycle"]][edge]) for edge in ("start", "end"))
        first = max(first, day_of(its[0].get("valid_from"), first))
        found.append(Life(name, held.get("product_id") or "", first, end, left_on(its[-1], end)))
    return found


def weight_of(row: Mapping[str, str]) -> Fraction:
    return Fraction(row["weight"]) if row.get("weight") else ALL


def edges(company: Company, now: int, today: date) -> list[Edge]:
    """Whatever contributes."""
    found = []
    for name, its in versions(company.rows("objectives", now)).items():
        if (row := on(its, today))["link"] == "contribute":
            found.append(Edge(row["parent"], name))
    for name, its in versions(company.rows("key_results", now)).items():
        found.append(Edge(on(its, today)["objective"], name))
    for row in company.rows("goal_parents", now):
        if row["link"] == "contribute":
            since, until = day_of(row.get("valid_from"), date.min), day_of(row.get("valid_to"), FAR)
            found.append(Edge(row["parent"], row["child"], number(row.get("share")), since, until))
    return found


def _key_result(life: KeyResultProgress, state: State, aim: Fraction, weight: Fraction) -> dict[str, Any]:
    over = expected(state.day, life.first, life.end, life.rules.pace_ends)
    due = of_kind(life.kind, over)
    ratio, _ = pace(state.current.ratio, due)
    return _row("key_result", life.key_result_id, state.day) | {
        "start_value": _float(state.start),
        "original_target_value": _float(state.original_target),
        "target_value": _float(state.target),
        "manual_value": _float(state.manual),
        "bound_value": _float(state.bound),
        "value": _float(state.value),
        "weight": _float(weight),
        "success_at": _float(aim),
        "progress_ratio": _float(state.current.ratio),
        "original_progress_ratio": _float(state.original.ratio),
        "score": _float(state.current.clipped),
        "original_score": _float(state.original.clipped),
        "expected_progress": _float(due),
        "pace_ratio": _float(ratio),
        "needed_pace": None if life.kind in (*STAYS, "binary") else _float(needed(state.current.ratio, aim, over)),
        "key_results": 1,
        "key_results_scored": int(state.current.ratio is not None),
        "weight_scored": 0.0 if state.current.ratio is None else float(weight),
    }


def _objective(name: str, day: date, today: date, end: date, both: Mapping[str, Goals]) -> dict[str, Any]:
    current, original = (both[which].score(name, day) for which in ("current", "original"))
    goals = both["current"]
    over = expected(day, goals.lives[name][0], end, goals.rules.pace_ends)
    ratio, _ = pace(current.score, current.due)
    none = dict.fromkeys(
        ("start_value", "original_target_value", "target_value", "manual_value", "bound_value", "value")
    )
    return (
        _row("objective", name, day)
        | none
        | {
            "weight": _float(goals.weight(name, today)),
            "success_at": None,
            "progress_ratio": _float(current.score),
            "original_progress_ratio": _float(original.score),
            "score": _float(current.score),
            "original_score": _float(original.score),
            "expected_progress": _float(current.due),
            "pace_ratio": _float(ratio),
            "needed_pace": _float(needed(current.score, ALL, over)),
            "key_results": current.members,
            "key_results_scored": current.scored,
            "weight_scored": _float(current.scored_weight),
        }
    )


def _row(kind: str, name: str, day: date) -> dict[str, Any]:
    return {"as_of_date": day.isoformat(), "goal_type": kind, "goal_id": name}


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
