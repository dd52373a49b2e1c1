"""The answers of one report on their way to landing.

Belongs here: what of an answer is news, and what it replaces. Does not: which periods are read and when (reports.py).
"""

from collections.abc import Mapping
from dataclasses import replace

from ingestion.clock import now
from ingestion.landing import Landed, Landing, Record, tombstones
from ingestion.records import Chunk, parse_object
from ingestion.sources.files.fiscal_calendar import FiscalPeriod


class Reported:
    """The answers of one report, on their way to landing; the days in its keys say what landed of a period."""

    def __init__(self, landing: Landing, stream: str) -> None:
        self.landing, self.stream = landing, stream
        self.alive = landing.alive(stream)
        self.wanted: set[str] = set()
        self.chunk = Chunk()
        self.restated: list[str] = []

    def keys(self, period: FiscalPeriod) -> set[str]:
        first_day, last_day = key_of(period).split("/")
        days = {key: key.split("/") for key in self.alive}
        return {key for key, (first, last) in days.items() if first_day <= first and last <= last_day}

    def keep(self, period: FiscalPeriod) -> None:
        self.wanted |= self.keys(period)

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
        """Lands the rest and marks the periods deleted that are none any more."""
        self.chunk.add(tombstones(self.alive - self.wanted))
        restated = f"closed periods were restated: {', '.join(self.restated)}" if self.restated else ""
        return replace(self.land(), note="; ".join(filter(None, (restated, note))))

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
