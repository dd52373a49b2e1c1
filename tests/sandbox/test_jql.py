"""How Jira reads a date in a query: minutes on the API user's clock, and the later of two instants."""

from __future__ import annotations

import pytest

from sandbox.timestamps import ms
from sandbox.vendors.jira.jql import JqlError, instant, parse

NOW = ms("2026-10-15T06:00:00Z")


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-07-01 12:00", "Europe/Berlin", "2026-07-01T10:00:00Z"),
        ("2026/07/01 12:00", "Europe/Berlin", "2026-07-01T10:00:00Z"),
        ("2026-01-01", "America/New_York", "2026-01-01T05:00:00Z"),
        # Shown twice on 2025-10-26: at 00:30 and 01:30 UTC. Read as the later.
        ("2025-10-26 02:30", "Europe/Berlin", "2025-10-26T01:30:00Z"),
        # Skipped on 2026-03-29: as if the clock had gone on, 03:30 summer time.
        ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30:00Z"),
        # Half an hour twice on Lord Howe.
        ("2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T15:15:00Z"),
        (str(NOW), "Europe/Berlin", "2026-10-15T06:00:00Z"),
        ("-15m", "Europe/Berlin", "2026-10-15T05:45:00Z"),
        ("-1w", "Europe/Berlin", "2026-10-08T06:00:00Z"),
    ],
)
def test_an_instant_is_read_on_the_users_clock(text: str, zone: str, expected: str) -> None:
    assert instant(text, zone, NOW) == ms(expected)


@pytest.mark.parametrize("text", ["2026-07-01 12:00:30", "2026-07-01T12:00", "01.07.2026", "2026-02-30", ""])
def test_seconds_and_other_forms_are_refused(text: str) -> None:
    with pytest.raises(JqlError):
        instant(text, "UTC", NOW)


def test_order_is_by_id_from_the_newest_unless_asked() -> None:
    assert parse("project = PAY", "UTC", NOW).order == (("id", True),)
    assert parse("project = PAY order by updated asc, key DESC", "UTC", NOW).order == (
        ("updated", False),
        ("key", True),
    )
