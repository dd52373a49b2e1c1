"""Usage that is too much to be kept: drawn when it is asked for, day by day.

Belongs here: what is known of it without drawing it all. Does not: what is drawn (everyday.py).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from sandbox.company.usage.events import DAY, START, EventWriter, Usage
from sandbox.company.usage.everyday import Everyday

KEPT = 2  # days: three projects are asked for one hour after the other


class Days:
    """What Usage says of parts of it, without holding more than some days."""

    def __init__(self, cases: EventWriter, everyday: Everyday) -> None:
        self.cases, self.everyday = Usage(cases), everyday
        self._ledger = cases
        self._known: OrderedDict[int, Usage] = OrderedDict()

    def parts(self, since: int, until: int) -> Iterator[tuple[Usage, range]]:
        """Day by day, whatever there is of it."""
        days = len(self.everyday.sessions)
        for day in range(max(0, (since - START) // DAY), min(days, -(-(until - START) // DAY))):
            begin, end = START + day * DAY, START + (day + 1) * DAY
            usage = self._day(day)
            yield usage, usage.between(max(since, begin), min(until, end))

    def received(self, project: int, until: int) -> set[int]:
        """Those of the cases, of the first day and of the last two: nothing else comes or goes."""
        found = self.cases.received(project, until)
        for since, end in ((START, min(until, START + DAY)), (max(START, until - 2 * DAY), until)):
            for usage, events in self.parts(since, end):
                found |= {usage.kind[event] for event in events if usage.project[event] == project}
        return found

    def _day(self, day: int) -> Usage:
        if day not in self._known:
            self._known[day] = Usage(self._ledger, [(START + (day + 1) * DAY, self.everyday.draw(day))])
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return self._known[day]
