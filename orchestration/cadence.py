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
        # The load clock only; the data's own clocks are columns of mart_data_health.
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

BUILT = Cadence(cron=None, late_after=timedelta(hours=30))
"""Everything dbt builds and what is published from it: when something new landed, and each day by the main job."""
