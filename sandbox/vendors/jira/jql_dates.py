"""Instants in JQL: literals, periods from now, and the functions that round to a day, week, month or year.

Belongs here: how Jira reads a date. One without an offset is read at minute precision on the wall clock of the API
user; an hour that this clock shows twice, or skips, is read as the later of its two instants. Does not: which fields
are dates (jql_fields.py).
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import datetime, timedelta

from sandbox.timestamps import DAY, HOUR, MINUTE, local, ms, zone
from sandbox.vendors.jira.jql import JqlError

SPANS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
PERIOD = re.compile(r"([+-]?)((?:\d+[mhdw]\s*)+)")
DATE_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
INCREMENT = re.compile(r"([+-]?)(\d+)([yMwdhm]?)")
UNITS = {"day": "d", "week": "w", "month": "M", "year": "y"}
"""What a function rounds to, and the unit of its increment where none is given."""


def instant(text: str, zone_name: str, now: int, field: str = "updated") -> int:
    """The instant a JQL date names: milliseconds since 1970, `-15m` or `4w 2d` from now, or the user's wall clock."""
    if re.fullmatch(r"\d{10,}", text):
        return int(text)
    if period := PERIOD.fullmatch(text):
        length = sum(int(count) * SPANS[unit] for count, unit in re.findall(r"(\d+)([mhdw])", period[2]))
        return now - length if period[1] == "-" else now + length
    for form in DATE_FORMS:
        try:
            return on_clock(datetime.strptime(text, form), zone_name)  # noqa: DTZ007
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def on_clock(wall: datetime, zone_name: str) -> int:
    return max(ms(wall.replace(tzinfo=zone(zone_name), fold=fold)) for fold in (0, 1))


def rounded(unit: str, is_end: bool, increment: str, zone_name: str, now: int, first_day: int) -> int:
    """The start of the day, week, month or year that now is in, or its last millisecond, so much earlier or later.

    ``first_day``: of a week, 0 is Monday; it depends on the user's locale."""
    wall = local(now, zone_name).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        wall -= timedelta(days=(wall.weekday() - first_day) % 7)
    elif unit == "month":
        wall = wall.replace(day=1)
    elif unit == "year":
        wall = wall.replace(month=1, day=1)
    if is_end:
        wall = _moved(wall, 1, UNITS[unit])
    if increment:
        read = INCREMENT.fullmatch(increment)
        if read is None:
            raise JqlError(
                f"Duration '{increment}' is invalid: it should have the format (+/-)n(yMwdm), e.g. -1M for 1 month "
                "earlier."
            )
        wall = _moved(wall, int(read[2]) * (-1 if read[1] == "-" else 1), read[3] or UNITS[unit])
    return on_clock(wall, zone_name) - is_end


def _moved(wall: datetime, count: int, unit: str) -> datetime:
    if unit in "yM":
        months = wall.year * 12 + wall.month - 1 + count * (12 if unit == "y" else 1)
        year, month = months // 12, months % 12 + 1
        return wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))
    return wall + timedelta(milliseconds=count * SPANS[unit])
