"""How much of each currency one euro is, day by day.

Belongs here: which days have a rate and what it is. Does not: the files of the central bank (sandbox/vendors/fx).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from random import Random

from sandbox.company.structure import DatedRow
from sandbox.timestamps import HOUR, ms

FIRST, LAST = date(2024, 7, 1), date(2027, 12, 31)
PUBLISHED = 15 * HOUR  # after midnight UTC: 16:00 at the bank in winter
# Where each begins, as text with as many decimals as it is given.
BEGINNINGS = {
    "USD": "1.0745",
    "JPY": "172.87",
    "BGN": "1.9558",
    "CZK": "25.045",
    "DKK": "7.4576",
    "GBP": "0.84730",
    "HUF": "394.95",
    "PLN": "4.3053",
    "RON": "4.9771",
    "SEK": "11.3695",
    "CHF": "0.9687",
    "NOK": "11.4430",
    "TRY": "35.1284",
    "AUD": "1.6132",
    "BRL": "5.9725",
    "CAD": "1.4707",
    "CNY": "7.8131",
    "IDR": "17531.66",
    "INR": "89.6475",
    "MXN": "19.7060",
    "RUB": "",  # has had no rate since 2022
}
GONE = {"BGN": date(2026, 1, 1)}  # Bulgaria pays in euros from then on
ELSEWHERE = "KWD"  # the central bank has none: another bank's, of each Monday, stand in the company's own fx_rates.csv
EASTER = {2025: date(2025, 4, 20), 2026: date(2026, 4, 5), 2027: date(2027, 3, 28)}


def closed(day: date) -> bool:
    """Weekends and the days on which TARGET is closed."""
    easter = EASTER.get(day.year)
    around = (easter - timedelta(days=2), easter + timedelta(days=1)) if easter else ()
    return day.weekday() > 4 or (day.month, day.day) in ((1, 1), (5, 1), (12, 25), (12, 26)) or day in around


class Rates:
    """The rates of a company's world."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @cached_property
    def days(self) -> dict[date, dict[str, str | None]]:
        """Every day that has rates, oldest first; None where a currency has none."""
        known = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
        walks = {currency: self._walk(currency, text) for currency, text in BEGINNINGS.items()}
        return {
            day: {
                currency: next(walk) if BEGINNINGS[currency] and day < GONE.get(currency, LAST + timedelta(1)) else None
                for currency, walk in walks.items()
            }
            for day in known
            if not closed(day)
        }

    def published(self, now: int) -> dict[date, dict[str, str | None]]:
        return {day: rates for day, rates in self.days.items() if ms(f"{day}T00:00:00Z") + PUBLISHED <= now}

    @cached_property
    def elsewhere(self) -> list[DatedRow]:
        """The rows of fx_rates.csv."""
        walk = self._walk(ELSEWHERE, "0.32980")
        mondays = [FIRST + timedelta(weeks=number) for number in range((LAST - FIRST).days // 7 + 1)]
        return [DatedRow((str(day), ELSEWHERE, next(walk)), ms(f"{day}T00:00:00Z") + PUBLISHED) for day in mondays]

    def _walk(self, currency: str, text: str) -> Iterator[str]:
        """A walk of whole steps of the last decimal, a third of a percent at most, never far from its beginning."""
        draws = Random(f"rates {self._seed} {currency}")
        decimals = len(text.partition(".")[2])
        begun = now = int(text.replace(".", "") or 0)
        while True:
            yield f"{now // 10**decimals}.{now % 10**decimals:0{decimals}d}" if decimals else str(now)
            step = max(begun // 300, 1)
            now += draws.randint(-step, step) + (begun - now) // 50
