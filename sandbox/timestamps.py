"""Instants as whole milliseconds since 1970 (UTC): the precision in which Jira keeps them, exact and cheap to compare.

Here belong conversions of instants and nothing that knows a vendor or a rule.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(value: datetime | str | int) -> int:
    """The instant of a datetime with a zone, of ISO text (`2026-10-15T06:00:00Z`) or of milliseconds."""
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        raise ValueError(f"an instant needs a zone: {value}")
    return (value - _EPOCH) // timedelta(milliseconds=1)


def utc(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local(at: int, zone_name: str) -> datetime:
    return utc(at).astimezone(zone(zone_name))


def local_date(at: int, zone_name: str) -> date:
    return local(at, zone_name).date()


def midnight(day: date, zone_name: str) -> int:
    """The instant at which a day begins on the wall clock of a zone."""
    return ms(datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)))


class Clock:
    """The sandbox's now. `2026-10-15T06:00:00Z` stands still; `…Z@<unix seconds>` was that then and runs on."""

    def __init__(self, now: str | int | datetime) -> None:
        start, real = now, None
        if isinstance(now, str) and "@" in now:
            start, real_text = now.split("@", 1)
            real = float(real_text)
        self._start, self._real = ms(start), real

    def now(self) -> int:
        if self._real is None:
            return self._start
        return self._start + int((time.time() - self._real) * 1000)

    def advance(self, to: int) -> int:
        """Moves the clock forward to an instant; going back is refused, what was served cannot be unserved."""
        now = self.now()
        if to < now:
            raise ValueError(
                f"the sandbox stands at {utc(now).isoformat()} and does not go back to {utc(to).isoformat()}"
            )
        self._start += to - now
        return to
