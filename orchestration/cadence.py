"""How often each group is refreshed, how long it may be late, how often what may pass is tried again.

Belongs here: the one table that schedules, sensors and freshness policies are made from, so that they cannot drift
apart. Does not: what runs (defs/).

Landing groups run by the clock. What is built from them follows by itself: as soon as something new landed, whatever
is downstream of it is due (plan.py). Groups of one rhythm load in one run, side by side: their news is built once, and
not once a source. Packs are quarterly: quarters are the company's own, so each day it is looked whether one is over.
"""

from dataclasses import dataclass
from datetime import timedelta

import dagster as dg

CENSUS = "0 5 * * 1-6"
"""Deletions are looked for in every source: what was deleted is in figures for a day at most. On Sundays by MAIN."""
RESYNC = "0 2 * * 0"
"""Every source is read again from its first day."""
MAIN = "0 5 * * 0"
"""Everything is built and proven again, due or not."""
COMPACT = "30 3 * * *"
PRUNE = "50 * * * *"
"""Each hour: a build leaves 9 MB of events, a load that brought nothing 2, as it shows that it looked."""

LOOK = timedelta(minutes=1)
"""How often a sensor looks whether something is due, and whether a run failed."""
CLOSE = timedelta(minutes=10)
"""How often a sensor looks whether the books of another month were closed."""
DIGEST = timedelta(minutes=15)
"""What people are sent at most: one digest in this time, whatever happens."""

RETRIES = 2
"""How often a load of a schedule is tried again that failed for what may pass, after the client gave up."""
BACK_OFF = timedelta(minutes=2)
"""Before the first of these; twice as long before each further one."""

RUNS_KEPT = timedelta(hours=6)
"""How long Dagster shows a run that ended well and that later ones have replaced."""
QUIET_KEPT = timedelta(hours=1)
"""The same, of a load that brought nothing."""
FAILURES_KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Cadence:
    """``name`` and ``cron``: when a landing group is loaded; no cron for what follows its upstream."""

    name: str
    cron: str | None
    late_after: timedelta

    @property
    def freshness(self) -> dg.FreshnessPolicy:
        # The load clock only: a load that brought nothing and a day that was read again look fresh (D15). NEWEST is
        # about the data itself.
        return dg.FreshnessPolicy.time_window(fail_window=self.late_after, warn_window=self.late_after * 0.75)


HOURLY = Cadence("hourly", "5 * * * *", late_after=timedelta(hours=3))
# The bank publishes at about 16:00 in Frankfurt, once a day.
DAILY = Cadence("daily", "40 16 * * *", late_after=timedelta(hours=30))

LOADED = {
    "jira": HOURLY,
    # What is late here is a load that was missed; an hour can be exported three hours after it began at the earliest.
    "amplitude": HOURLY,
    "stripe": HOURLY,
    "quickbooks": HOURLY,
    "bamboohr": HOURLY,
    "fx": DAILY,
    "files": HOURLY,
}
"""Landing, by source."""


@dataclass(frozen=True, slots=True)
class Newest:
    """What the data clock of a source is read from, in words; the stream where its check hangs; how old the newest may
    become before somebody should look."""

    words: str
    stream: str
    within: timedelta


NEWEST = {
    # Nobody works from Thursday evening to Tuesday morning where Good Friday and Easter Monday are holidays.
    "jira": Newest("update of an issue", "issues", timedelta(days=5)),
    # Products for businesses are hardly used at weekends; an hour can be exported three hours after it began.
    "amplitude": Newest("event", "events", timedelta(days=3)),
    # Payouts and fees come on business days, invoices with the terms of contracts.
    "stripe": Newest("invoice or movement of money", "invoices", timedelta(days=7)),
    # Who books once a month books payments in between.
    "quickbooks": Newest("change of a document", "journal_entries", timedelta(days=14)),
    # Records of people say nothing of when: what counts is that somebody joined, left or changed in some way.
    "bamboohr": Newest("change of an employee", "employees", timedelta(days=45)),
    # The bank publishes none from the Thursday before Easter to the Tuesday after it.
    "fx": Newest("day with rates", "rates", timedelta(days=6)),
    # The day on which they were read lands with them.
    "files": Newest("reading of the company's files", "read_days", timedelta(days=2)),
}
"""The data clocks, by source. Beyond these hours and days a person is asked to look; nothing is held back."""

BUILT = Cadence("as due", cron=None, late_after=timedelta(days=8))
"""Everything dbt builds: when something new landed, and each week by the main job."""
PUBLISHED = Cadence("as due", cron=None, late_after=timedelta(hours=30))
"""What is published: the first load of a day lands the day, which the dimensions follow."""
PACKS = Cadence("packs", "0 7 * * *", late_after=timedelta(days=100))
"""Board packs: of each fiscal quarter, on the first morning after it, and when its books are closed."""
