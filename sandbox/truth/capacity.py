"""What each team can work in a week: its people's weekdays, less holidays of their countries and leave.

The definitions:
- Everybody who works in the team counts by the share of full time, contractors too; a week has five days, whatever is
  worked, so that a day of somebody who works full time is a fifth of an FTE-week.
- Gross is Monday to Friday; holidays are those of the country of the place of work; leave is what of working days is
  away (headcount.py); supply is what is left. The running week goes up to today.
- Of a team of fewer than five people in the week leave is not shown, nor supply, which would tell it. All these teams
  have theirs in one row, SMALL_TEAMS, which has nothing else; not even there if together they are fewer than five.
Does not: who works when (headcount.py), what is planned with it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.timestamps import local_date, ms
from sandbox.truth.headcount import worker_days

DAYS_OF_A_WEEK = 5
FEWEST_PEOPLE = 5


SMALL_TEAMS = "SMALL_TEAMS"
Week = tuple[date, str]  # Monday and team


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
        }
        for week, of in sorted(sums.items())
    ]
