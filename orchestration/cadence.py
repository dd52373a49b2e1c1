"""How often each group is refreshed.

Belongs here: the one table that schedules and freshness policies are made from, so that they
cannot drift apart. Does not: what runs (defs/jobs.py).

Landing groups run by the clock. What is built from them follows by itself: as soon as something new landed, whatever
is downstream of it is due (plan.py). The daily main job is the one that also looks for deletions (census), and builds
and proves everything.
"""

from dataclasses import dataclass
from datetime import timedelta

import dagster as dg

MAIN = "0 5 * * *"
RESYNC = "0 2 * * 0"
COMPACT = "30 3 * * *"


@dataclass(frozen=True, slots=True)
class Cadence:
    """``cron``: when a landing group is loaded; None for what follows its upstream."""

    cron: str | None
    late_after: timedelta

    @property
    def freshness(self) -> dg.FreshnessPolicy:
        # The load clock only: a load that brought nothing and a day that was read again look fresh (D15). NEWEST is
        # about the data itself.
        return dg.FreshnessPolicy.time_window(fail_window=self.late_after, warn_window=self.late_after * 0.75)


LOADED = {
    "jira": Cadence("0 * * * *", late_after=timedelta(hours=3)),
    # What is late here is a load that was missed; an hour can be exported three hours after it began at the earliest.
    "amplitude": Cadence("20 * * * *", late_after=timedelta(hours=3)),
    "stripe": Cadence("30 * * * *", late_after=timedelta(hours=3)),
    "quickbooks": Cadence("45 * * * *", late_after=timedelta(hours=3)),
    "bamboohr": Cadence("50 * * * *", late_after=timedelta(hours=3)),
    # The bank publishes at about 16:00 in Frankfurt, once a day.
    "fx": Cadence("40 16 * * *", late_after=timedelta(hours=30)),
    "files": Cadence("10 * * * *", late_after=timedelta(hours=3)),
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

BUILT = Cadence(cron=None, late_after=timedelta(hours=30))
"""Everything dbt builds and what is published from it: when something new landed, and each day by the main job."""
