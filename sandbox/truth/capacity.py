"""What each team can work in a week: its people's weekdays, less holidays of their countries and leave.

The definitions:
- Everybody who works in the team counts by the share of full time, contractors too; a week has five days, whatever is
  worked, so that a day of somebody who works full time is a fifth of an FTE-week.
- Gross is Monday to Friday; holidays are those of the country of the place of work; leave is what of working days is
  away (headcount.py); supply is what is left. The running week goes up to today.
- Of a team of fewer than five people in the week leave is not shown, nor supply, which would tell it. All these teams
  have theirs in one row, SMALL_TEAMS, which has nothing else; not even there if together they are fewer than five.
- What it is used for follows the items in progress, in equal shares of a day (effort.py). Work on a bug is unplanned,
  and so is an item that came into a sprint that runs on the day after that had started, unless it was in one of those
  at its start. All else with an item is planned; a day without one is unattributed.
- That is shown of a team of which at least five people were at work in the week; of fewer it would tell their leave.
Does not: who works when (headcount.py).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sandbox.company import Company
from sandbox.company.work import site
from sandbox.timestamps import local_date, midnight, ms
from sandbox.truth.delivery import held_at, spans
from sandbox.truth.effort import MILLION, UNATTRIBUTED, Effort, Efforts, largest_remainders
from sandbox.truth.headcount import worker_days

DAYS_OF_A_WEEK = 5
FEWEST_PEOPLE = 5
MODEL = "equal_active_day"
SMALL_TEAMS = "SMALL_TEAMS"
USES = ("planned", "unplanned", "unattributed")
Week = tuple[date, str]  # Monday and team


class Work:
    """What the days of teams went into."""

    def __init__(self, company: Company, now: int) -> None:
        self.efforts = Efforts(company, now)
        known = self.efforts.facts.world.site["sprint"]
        self.sprints = {int(number): one for number, one in known.items() if one["state"] != "future"}
        self.used: dict[Week, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        self.people: dict[Week, set[str]] = defaultdict(set)
        for one in worker_days(company, now):
            if one.is_working_day and one.leave < 1 and one.share > 0:
                week = (one.day - timedelta(days=one.day.weekday()), one.team_id)
                self.people[week].add(one.worker_id)
                for item, share in largest_remainders(self.efforts.weights(MODEL, one) or {UNATTRIBUTED: 1}).items():
                    size = Fraction(share * Effort(MODEL, one, item, None, share).capacity, MILLION * MILLION)
                    self.used[week][self.use(item, one.day)] += size / DAYS_OF_A_WEEK

    def use(self, item: str, day: date) -> str:
        if item == UNATTRIBUTED:
            return "unattributed"
        issue, zone = self.efforts.issues[int(item)], self.efforts.facts.zone
        if site.TYPES[issue.values["type"]].kind == "bug":
            return "unplanned"
        begin, end = midnight(day, zone), self.efforts.end(day)
        had, is_added = spans(issue, "sprints"), False
        for number, sprint in self.sprints.items():
            if sprint["start"] < end and sprint.get("complete", end) > begin:
                if issue.created <= sprint["start"] and number in held_at(had, sprint["start"]):
                    return "planned"
                is_added |= any(
                    number in ids and sprint["start"] < since < end and until > begin for since, until, ids in had
                )
        return "unplanned" if is_added else "planned"


def capacity(company: Company, now: int | str) -> list[dict[str, Any]]:
    today = local_date(ms(now), company.reporting_zone)
    sums: dict[Week, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    people: dict[Week, set[str]] = defaultdict(set)
    for one in worker_days(company, now):
        if one.day.weekday() < DAYS_OF_A_WEEK:
            week = one.day - timedelta(days=one.day.weekday()), one.team_id
            people[week].add(one.worker_id)
            sums[week]["gross"] += one.share
            sums[week]["holiday"] += 0 if one.is_working_day else one.share
            sums[week]["leave"] += one.share * one.leave
    reasons: dict[Week, str] = {}
    for monday, team in list(sums):
        of, small = sums[monday, team], (monday, SMALL_TEAMS)
        of["supply"] = of["gross"] - of["holiday"] - of["leave"]
        if len(people[monday, team]) < FEWEST_PEOPLE:
            reasons[monday, team] = "rolled_up"
            people[small] |= people[monday, team]
            for name in ("leave", "supply"):
                sums[small][name] += of[name]
    reasons |= {week: "too_few" for week in sums if week[1] == SMALL_TEAMS and len(people[week]) < FEWEST_PEOPLE}
    work = Work(company, ms(now))
    return [
        {
            "week_start_date": week[0].isoformat(),
            "team_id": week[1],
            "is_rollup": False,
            "is_complete": week[0] + timedelta(days=6) < today,
            **{f"{name}_fte_weeks": float(of[name] / DAYS_OF_A_WEEK) for name in ("gross", "holiday")},
            **{
                f"{name}_fte_weeks": None if week in reasons else float(of[name] / DAYS_OF_A_WEEK)
                for name in ("leave", "supply")
            },
            "leave_suppressed_reason": reasons.get(week),
            **_used(work.used[week] if len(work.people[week]) >= FEWEST_PEOPLE else None),
        }
        for week, of in sorted(sums.items())
    ]


def _used(of: dict[str, Fraction] | None) -> dict[str, Any]:
    """None where too few were at work."""
    if of is None:
        shown: dict[str, Any] = {f"{use}_fte_weeks": None for use in USES}
        return shown | {"unplanned_ratio": None, "unplanned_ratio_suppressed_reason": "too_few"}
    known = of["planned"] + of["unplanned"]
    return {f"{use}_fte_weeks": float(of[use]) for use in USES} | {
        "unplanned_ratio": float(of["unplanned"] / known) if known else None,
        "unplanned_ratio_suppressed_reason": None if known else "no_work",
    }
