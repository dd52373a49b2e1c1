"""The answers of one report on their way to landing.

Belongs here: what of an answer is news, and what it replaces. Does not: which periods are read and when (reports.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from ingestion.clock import now
from ingestion.errors import SourceError
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.records import Chunk, parse_object
from ingestion.sources.files.fiscal_calendar import FiscalPeriod
from ingestion.sources.parts import Unread
from ingestion.sources.parts.children import ODD

T = TypeVar("T")


class Reported:
    """The answers of one report, on their way to landing; the days in its keys say what landed of a period."""

    def __init__(self, landing: Landing, stream: str) -> None:
        self.landing, self.stream = landing, stream
        self.alive = landing.alive(stream)
        # where no period has ever landed and none can be read, it is the report and not the period
        self.unread = Unread(landing.source, stream, "period", odd=ODD if self.alive else ())
        self.again: set[str] = set()
        """Periods that are to be asked for by the next load, by their days."""
        self.wanted: set[str] = set()
        self.chunk = Chunk()
        self.restated: list[str] = []

    def keys(self, period: FiscalPeriod) -> set[str]:
        first_day, last_day = key_of(period).split("/")
        days = {key: key.split("/") for key in self.alive}
        return {key for key, (first, last) in days.items() if first_day <= first and last <= last_day}

    def keep(self, period: FiscalPeriod) -> None:
        self.wanted |= self.keys(period)

    def asked(self, period: FiscalPeriod, read: Callable[[], T]) -> T | None:
        """What is read; None where QuickBooks refuses this period, which then stays as it landed and is named."""
        found = None
        with self.unread.asked(name_of(period)):
            found = read()
        if found is None:
            self._leave(period)
        return found

    def lacks(self, period: FiscalPeriod, error: SourceError) -> None:
        """The same of what is no period of the calendar: that it can be read says nothing of the others."""
        self.unread.lacks(name_of(period), error)
        self._leave(period)

    def _leave(self, period: FiscalPeriod) -> None:
        self.again.add(key_of(period))
        self.keep(period)

    def differs(self, period: FiscalPeriod, answers: Mapping[str, bytes]) -> bool:
        return self.keys(period) != answers.keys() or bool(self._changed(answers))

    def take(self, period: FiscalPeriod, answers: Mapping[str, bytes]) -> bool:
        """Puts what changed into the next load, with what it replaces; whether something did."""
        gone = self.keys(period) - answers.keys()
        changed = self._changed(answers)
        self.chunk.add([*(Record(key, answers[key], now()) for key in changed), *tombstones(gone)])
        self.alive -= gone
        self.wanted |= answers.keys()
        return bool(gone or changed)

    def land(self) -> Landed:
        return self.landing.land(self.stream, self.chunk.take())

    def end(self, note: str = "") -> Landed:
        """Lands the rest and marks the periods deleted that are none any more. Then raises ``SourceError`` where so
        many were refused that it is nothing odd about each."""
        self.chunk.add(tombstones(self.alive - self.wanted))
        restated = f"closed periods were restated: {', '.join(self.restated)}" if self.restated else ""
        landed = self.land()
        return replace(landed, note="; ".join(filter(None, (restated, note, self.unread.note))))

    def _changed(self, answers: Mapping[str, bytes]) -> list[str]:
        landed = self.landing.payloads(self.stream, sorted(answers))
        return [key for key, text in answers.items() if key not in landed or figures(text) != figures(landed[key])]


def key_of(period: FiscalPeriod) -> str:
    return f"{period.first_day}/{period.last_day}"


def name_of(period: FiscalPeriod) -> str:
    return f"{period.period} ({key_of(period).replace('/', ' to ')})"


def figures(report: bytes | str) -> list[bytes]:
    """What a report says: its header says when it was made, too."""
    members = parse_object(report.encode() if isinstance(report, str) else report).members
    return [bytes(members[name]) for name in ("Columns", "Rows") if name in members]
