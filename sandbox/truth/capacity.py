"""What each team can work in a week: its people's weekdays, less holidays of their countries and leave.

The definitions:
- Everybody who works in the team counts by the share of full time, contractors too; a week has five days, whatever is
  worked, so that a day of somebody who works full time is a fifth of an FTE-week.
- Gross is Monday to Friday; holidays are those of the country of the place of work; leave is what of working days is
  away (headcount.py); supply is what is left. The running week goes up to today.
Does not: who works when (headcount.py), what is planned with it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.timestamps import local_date, ms
from sandbox.truth.headcount import worker_days

DAYS_OF_A_WEEK = 5


def capacity(company: Company, now: int | str) -> list[dict[str, Any]]:
    today = local_date(ms(now), company.reporting_zone)
    sums: dict[tuple[Any, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for one in worker_days(company, now):
        if one.day.weekday() < DAYS_OF_A_WEEK:
            of = sums[one.day - timedelta(days=one.day.weekday()), one.team_id]
            of["gross"] += one.share
            of["holiday"] += 0 if one.is_working_day else one.share
            of["leave"] += one.share * one.leave
    return [
        {
            "week_start_date": monday.isoformat(),
            "team_id": team,
            "is_rollup": False,
            "is_complete": monday + timedelta(days=6) < today,
            **{f"{name}_fte_weeks": float(of[name] / DAYS_OF_A_WEEK) for name in ("gross", "holiday", "leave")},
            "supply_fte_weeks": float((of["gross"] - of["holiday"] - of["leave"]) / DAYS_OF_A_WEEK),
        }
        for (monday, team), of in sorted(sums.items())
    ]
