"""How far a load has read, and where the next one goes on.

Belongs here: overlap, feeds of changes that a vendor keeps for a time, why a stream is read whole. Does not: what a
vendor's cursor is made of (the sources' pages).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingestion.clock import iso
from ingestion.sources.parts.source import LoadOptions

OLDEST = timedelta(days=29)
"""Vendors keep changes for 30 days; one of them is for the load itself."""


def resumed(through: str | None, floor: datetime, overlap: timedelta, options: LoadOptions) -> datetime:
    """Where reading begins: before the cursor by the overlap, at ``floor`` for a first load and for a resync."""
    if through is None or options.resync:
        return floor
    return max(floor, datetime.fromisoformat(through) - overlap)


@dataclass(frozen=True, slots=True)
class Feed:
    """How far each stream has followed a vendor's feed of changes, which the vendor keeps for 30 days.

    ``read_to``: by stream, the instant as it stands in the cursor. ``asked_at``: the vendor's clock. ``limit``: in
    words, that the vendor keeps changes no longer."""

    read_to: Mapping[str, str]
    asked_at: datetime
    limit: str
    options: LoadOptions
    overlap: timedelta = timedelta(minutes=10)

    def followed(self, stream: str) -> datetime | None:
        through = self.read_to.get(stream)
        return datetime.fromisoformat(through) if through else None

    def why_resync(self, stream: str) -> str | None:
        """Why the stream is to be read whole, in words where a person should know; None where its changes will do."""
        followed = self.followed(stream)
        if followed is None:
            return ""
        if self.asked_at - followed > OLDEST:
            return f"full resync: last read {followed:%Y-%m-%d}, and {self.limit}"
        return "full resync: asked for" if self.options.resync else None

    def since(self, stream: str, otherwise: datetime) -> datetime:
        """From when on changes are read: before where the stream is by the overlap, before ``otherwise`` for one that
        is read whole."""
        followed = self.followed(stream)
        whole = followed is None or self.why_resync(stream) is not None
        return (otherwise if followed is None or whole else followed) - self.overlap

    def moved(self, streams: Iterable[str], to: datetime) -> dict[str, str]:
        """The cursor once these streams were followed so far; of the others it stays where it was."""
        return {**self.read_to, **dict.fromkeys(streams, iso(to))}
