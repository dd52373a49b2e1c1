"""Amounts in the minor units of a currency: shared out, and converted to another currency.

Belongs here: arithmetic that every figure of money needs. Does not: any figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

from sandbox.company import Company

EXPONENTS = {"EUR": 2, "USD": 2, "GBP": 2, "JPY": 0, "KWD": 3, "PLN": 2, "INR": 2}
OLDEST = timedelta(days=7)  # a rate older than that is no rate


K = TypeVar("K", str, tuple[str, ...])


def shared_out(amount: int, weights: Mapping[K, Fraction]) -> dict[K, int]:
    """An amount by weights, no minor unit lost: whole minor units first, the rest one each to the largest remainders,
    and among equal ones to the first name. A negative amount is shared as its opposite is."""
    whole = sum(weights.values(), Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("weights are not negative, and not all are zero")
    exact = {name: abs(amount) * weight / whole for name, weight in weights.items()}
    found = {name: part.numerator // part.denominator for name, part in exact.items()}
    left = abs(amount) - sum(found.values())
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[:left]:
        found[name] += 1
    return {name: part if amount >= 0 else -part for name, part in found.items()}


class Exchange:
    """What an amount is in the reporting currency: at the planned rate of a fiscal year, at the last rate of a day."""

    def __init__(self, company: Company, now: int) -> None:
        self.reporting = company.currency
        self._planned = {
            (row["currency"], row["fiscal_year"]): Fraction(row["rate"]) for row in company.rows("fx_plan", now)
        }
        self._known: dict[str, dict[date, Fraction]] = {}
        for day, rates in company.rates.published(now).items():
            for currency, rate in rates.items():
                if rate:
                    self._known.setdefault(currency, {})[day] = Fraction(rate)
        for row in company.rows("fx_rates", now):
            self._known.setdefault(row["currency"], {})[date.fromisoformat(row["date"])] = Fraction(row["rate"])

    def planned(self, currency: str, year: str) -> Fraction:
        """Reporting minor units for one minor unit."""
        return self._minor_units(currency, self._planned[self.reporting, year] / self._planned[currency, year])

    def actual(self, currency: str, day: date) -> Fraction:
        return self._minor_units(currency, self._of_euro(self.reporting, day) / self._of_euro(currency, day))

    def _minor_units(self, currency: str, rate: Fraction) -> Fraction:
        return rate * Fraction(10) ** (EXPONENTS[self.reporting] - EXPONENTS[currency])

    def _of_euro(self, currency: str, day: date) -> Fraction:
        if currency == "EUR":
            return Fraction(1)
        known = self._known.get(currency, {})
        for age in range(OLDEST.days + 1):
            if day - timedelta(days=age) in known:
                return known[day - timedelta(days=age)]
        raise ValueError(f"no rate of {currency} in the {OLDEST.days} days up to {day}")
