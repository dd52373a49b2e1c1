"""How long decisions truly take: by stage, product and the quarter in which the question was raised.

The definitions:
- A question is a row of decisions.csv each time it is raised (a round), or all its rows (decision_rounds: whole):
  from when it was raised first, with the stages of its last round. What is dated later than now has not happened.
- Stages: raised to data ready, to proposed, to decided, and the whole. A stage that ended before it began, or that was
  to begin after the decision or the withdrawal, has no time; nor has one of which an end was never written down,
  though what comes after it was reached.
- What is open, or was withdrawn, took at least so long. Of all rounds that lasted as long as t, as many leave at t as
  ended then; the product of what stays is the share that lasts longer (Kaplan and Meier, 1958). The median is the
  first t at which no more than half lasts longer.
- Hours are those of the wall clock, or (decision_clock: business) of Monday to Friday, nine to five, in the reporting
  zone.
Does not: what the files say (sandbox/company/goals.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.timestamps import HOUR, local_date, midnight, ms
from sandbox.truth.maps import COMPANY, UNMAPPED
from sandbox.truth.ratios import guarded

STAGES = (("raised", "data_ready"), ("data_ready", "proposed"), ("proposed", "decided"), ("raised", "decided"))
ALL = "ALL"
OPENS, CLOSES, SATURDAY = 9, 17, 5
Key = tuple[str, str, str]
"""Quarter, product and stage."""


@dataclass(frozen=True, slots=True)
class Span:
    """How a round went through a stage. ``took`` is None where there is a reason."""

    question: str
    took: int | None
    is_over: bool
    reason: str
    is_decided: bool
    is_withdrawn: bool


class Decisions:
    def __init__(self, company: Company, now: int) -> None:
        self.now, self.zone, self.policy = now, company.reporting_zone, company.policy
        self.quarters = [
            (one.quarter, one.first, one.last) for one in company.calendar.periods(local_date(now, self.zone))
        ]
        rows = [row for row in company.rows("decisions", now) if ms(row["raised_at"]) <= now]
        self.raised = Counter(row["decision_id"] for row in rows)
        self.rounds = list(self._rounds(rows))

    def _rounds(self, rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[Mapping[str, str], dict[str, int | None]]]:
        asked: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: ms(row["raised_at"])):
            asked[row["decision_id"]].append(row)
        for found in asked.values():
            is_whole = self.policy.get("decision_rounds", "each") == "whole"
            for row in found[-1:] if is_whole else found:
                at = {name: self._happened(row.get(f"{name}_at", "")) for name in
                      ("raised", "data_ready", "proposed", "decided", "withdrawn")}  # fmt: skip
                yield row, at | {"raised": ms((found[0] if is_whole else row)["raised_at"])}

    def _happened(self, text: str) -> int | None:
        at = ms(text) if text else None
        return at if at is not None and at <= self.now else None

    def quarter(self, at: int) -> str:
        day = local_date(at, self.zone)
        return next((name for name, first, last in self.quarters if first <= day <= last), UNMAPPED)

    def span(self, question: str, at: Mapping[str, int | None], begin: str, end: str) -> Span:
        begun, ended, decided, withdrawn = at[begin], at[end], at["decided"], at["withdrawn"]
        is_passed = decided is not None or (end == "data_ready" and at["proposed"] is not None)
        took, reason = None, ""
        if begun is None:
            reason = f"{begin}_unknown"
        elif ended is not None:
            took, reason = (self.time(begun, ended), "") if ended >= begun else (None, f"{end}_before_{begin}")
        else:
            earlier = [name for name in ("decided", "withdrawn") if (known := at[name]) is not None and known < begun]
            reason = f"{earlier[0]}_before_{begin}" if earlier else f"{end}_unknown" if is_passed else ""
            took = None if reason else self.time(begun, self.now if withdrawn is None else withdrawn)
        is_over = ended is not None and not reason
        return Span(question, took, is_over, reason, decided is not None, decided is None and withdrawn is not None)

    def time(self, begin: int, end: int) -> int:
        if self.policy.get("decision_clock", "wall") == "wall":
            return end - begin
        day, worked = local_date(begin, self.zone), 0
        while day <= local_date(end, self.zone):
            if day.weekday() < SATURDAY:
                opens, closes = (midnight(day, self.zone) + hour * HOUR for hour in (OPENS, CLOSES))
                worked += max(0, min(end, closes) - max(begin, opens))
            day += timedelta(days=1)
        return worked

    def spans(self) -> dict[Key, list[Span]]:
        found: dict[Key, list[Span]] = defaultdict(list)
        for row, at in self.rounds:
            raised = at["raised"]
            assert raised is not None
            for begin, end in STAGES:
                span = self.span(row["decision_id"], at, begin, end)
                for quarter in (self.quarter(raised), ALL):
                    for product in (row["product_id"] or UNMAPPED, COMPANY):
                        found[quarter, product, f"{begin}_to_{end}"].append(span)
        return found


def lasting(spans: Iterable[Span]) -> list[tuple[int, Fraction]]:
    """Times at which something ended, and the share that lasts longer."""
    known = [(one.took, one.is_over) for one in spans if one.took is not None]
    share, found = Fraction(1), []
    for at in sorted({took for took, is_over in known if is_over}):
        at_risk = sum(took >= at for took, _ in known)
        share *= 1 - Fraction(sum(took == at and is_over for took, is_over in known), at_risk)
        found.append((at, share))
    return found


def productops_impact(company: Company, now: int) -> list[dict[str, Any]]:
    """The rows of mart_productops_impact."""
    known, rows = Decisions(company, now), []
    for (quarter, product, stage), spans in known.spans().items():
        questions = {one.question for one in spans}
        reopened = sum(known.raised[question] > 1 for question in questions)
        row: dict[str, Any] = {
            "fiscal_quarter": quarter,
            "product_id": product,
            "stage": stage,
            "is_rollup": quarter == ALL or product == COMPANY,
            "questions": len(questions),
            "reopened_questions": reopened,
            "rounds": len(spans),
            "rounds_decided": sum(one.is_decided for one in spans),
            "rounds_withdrawn": sum(one.is_withdrawn for one in spans),
            "stages_over": sum(one.is_over for one in spans),
            "stages_open": sum(one.took is not None and not one.is_over for one in spans),
            "stages_out_of_order": sum("_before_" in one.reason for one in spans),
            "stages_unknown": sum(one.reason.endswith("_unknown") for one in spans),
        }
        least = int(company.policy.get("ratio_min_n", "3"))
        row |= guarded("reopened_ratio", reopened, len(questions), "no_questions", len(questions), least)
        for name, level in (("median", Fraction(1, 2)), ("p85", Fraction(85, 100))):
            hours = next((took / HOUR for took, longer in lasting(spans) if longer <= 1 - level), None)
            lacking = "not_reached" if any(one.took is not None for one in spans) else "no_stages"
            row |= {f"{name}_hours": hours, f"{name}_hours_reason": None if hours is not None else lacking}
        rows.append(row)
    return rows
