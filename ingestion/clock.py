"""The one clock of loaders, checks and freshness.

Belongs here: what "now" is. Does not: time zones of sources, calendars, the clocks of vendors.

``PRODOPS_NOW`` sets it: an instant (``2026-10-15T06:00:00Z``) freezes the clock, an instant with the real second at
which it held (``2026-10-15T06:00:00Z@1795324699``) lets it run on from there; unset is the machine's own clock.
"""

import os
import time
from datetime import UTC, datetime, timedelta

from ingestion.errors import SettingsError

SETTING = "PRODOPS_NOW"


def now() -> datetime:
    """The current instant in UTC. Raises ``SettingsError`` when ``PRODOPS_NOW`` is not an instant with a zone."""
    setting = os.environ.get(SETTING)
    return parse(setting) if setting else datetime.now(UTC)


def parse(setting: str) -> datetime:
    """The instant that a value of ``PRODOPS_NOW`` means now."""
    instant_text, _, held_at = setting.partition("@")
    try:
        instant = datetime.fromisoformat(instant_text)
        elapsed = time.time() - float(held_at) if held_at else 0.0
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise SettingsError(f"{SETTING}={setting!r}", "give an instant with its zone, like 2026-10-15T06:00:00Z")
    return instant.astimezone(UTC) + timedelta(seconds=elapsed)


def running_from(instant: datetime) -> str:
    """A value of ``PRODOPS_NOW`` under which it is ``instant`` now and time goes on."""
    return f"{iso(instant)}@{time.time():.3f}"


def iso(instant: datetime) -> str:
    """An instant as text that sorts as time does: UTC, microseconds, ``Z``."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
