"""Contracts as no company has them, for the truth and for the warehouse at once.

Belongs here: items that come, go and change their quantity, price and product, customers that change accounts, families
and markets, bundles whose shares change, all at random and in small minor units. Does not: claims (test_movements.py).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from sandbox.company.billing.price_list import Price
from sandbox.company.calendar import Period
from sandbox.timestamps import DAY, midnight
from sandbox.truth.maps import UNMAPPED
from sandbox.truth.recurring import Held, RecurringPolicy, Timeline
from sandbox.truth.revenue import Revenue
from tests.dbt.conftest import Warehouse

HOUR = DAY // 24
ONE_DAY = timedelta(days=1)
PRICE = Price("", "", "", None, None)  # nothing asks for it
SHARES = {
    "seat": {"web": "1"},
    "till": {"pay": "1"},
    "thirds": {"web": "0.333333", "pay": "0.333333", "box": "0.333334"},
    "suite": {"pay": "0.5", "box": "0.5"},
    "nobody's": {UNMAPPED: "1"},
}
CURRENCIES = ("USD", "EUR", "JPY")
LATER = {"suite": {"pay": "0.2", "cart": "0.8"}}
TABLES = {
    "int_stripe_clocks_read": "reporting_currency varchar",
    "int_policies_read": "reporting_time_zone varchar, reporting_currency varchar, late_renewal_days integer",
    "int_revenue_periods_ranged": "fiscal_period varchar, prior_fiscal_period varchar, first_date date, "
    "as_of_date date, starts_at timestamp, ends_at timestamp",
    "int_billing_accounts_resolved": "customer_key varchar, mapping_date date, customer_id varchar, logo_id varchar, "
    "segment varchar, market varchar",
    "int_billing_products_resolved": "product_key varchar, mapping_date date, product_id varchar, "
    "weight decimal(18, 6)",
    "int_revenue_rates_resolved": "fiscal_period varchar, currency varchar, plan_numerator decimal(38, 0), "
    "plan_denominator decimal(38, 0), actual_numerator decimal(38, 0), actual_denominator decimal(38, 0)",
    "fct_subscription_interval": "subscription_id varchar, subscription_item_id varchar, customer_key varchar, "
    "product_key varchar, currency varchar, quantity bigint, valid_from timestamp, valid_to timestamp, "
    "monthly_numerator decimal(38, 0), monthly_denominator decimal(38, 0), mrr_minor bigint",
    "int_subscription_failures_ranged": "subscription_id varchar, valid_from timestamp, valid_to timestamp",
}


class Contracts(Revenue):
    """Of some families of one or two customers, over half a year; the last month is running."""

    def __init__(self, random: Random, families: int) -> None:
        self.periods = [
            Period(f"P{month}", "Q1", f"FY{1 + month // 4}", date(2026, month, 1), date(2026, month + 1, 1) - ONE_DAY)
            for month in range(1, 7)
        ]
        self.zone, self.policy, self.random = "America/Los_Angeles", RecurringPolicy(), random
        self.today = date(2026, 6, 20)
        self.now = midnight(self.today, self.zone) + 5 * HOUR + 123
        self.begin = midnight(self.periods[0].first, self.zone)
        self.ends = [self.end(period) for period in self.periods]
        self.days = [self.day(period) for period in self.periods]
        self.contracts, self._cells = {}, {}
        self.owners: dict[tuple[str, date], str] = {}
        self.described: dict[tuple[str, date], dict[str, str]] = {}
        for family in range(families):
            self._family([f"{family}-{letter}" for letter in "ab"[: random.randint(1, 2)]])

    def _family(self, customers: list[str]) -> None:
        one_of = self.random.choice
        for customer in customers:
            for day in self.days:
                above = customers[0] if customer != customers[0] and day != self.days[2] else ""
                self.described[customer, day] = {"segment": "S", "market": one_of("MMMMN"), "parent_id": above}
        for account in [f"{one_of(customers)} {number}" for number in range(self.random.randint(1, 2))]:
            owner = account.split(" ")[0]
            for day in self.days:
                self.owners[account, day] = one_of([owner] * 20 + [UNMAPPED, one_of(customers)])
            for _ in range(one_of([1, 1, 2, 3])):
                self._contract(f"{self.random.randrange(10**6):06} {account}", account, one_of(CURRENCIES))

    def _contract(self, contract: str, account: str, currency: str) -> None:
        one_of, items = self.random.choice, dict[str, Held]()
        line = self.contracts[contract] = Timeline(account)
        for instant in sorted({min(self._instant(), self.now) for _ in range(one_of([1, 2, 3, 5, 8]))}):
            item = f"{contract} {one_of('xyz')}"
            known = items.pop(item, None)
            if one_of([True, False, False]):
                items.clear()
            elif known is None or one_of([True, False]):
                monthly = Fraction(self.random.randrange(1, 60), one_of([1, 2, 12]))
                reported = (one_of(list(SHARES)), one_of([1, 2, 5]), monthly)
                items[item] = Held(contract, account, currency, item, *reported, PRICE, monthly, monthly)
            elif one_of([True, True, False]):
                quantity = one_of([1, 2, 3, 5, 7])
                monthly = one_of([known.monthly / known.quantity * quantity, known.monthly * Fraction(quantity, 3)])
                reported = (one_of([known.product] * 8 + list(SHARES)), quantity, monthly)
                items[item] = Held(contract, account, currency, item, *reported, PRICE, monthly, monthly)
            line.since.append(instant)
            line.held.append(tuple(held for held in items.values() if held.minor_units > 0))
            line.failed.append(not items and one_of([True, False]))

    def _instant(self) -> int:
        """Any hour, also of before the first period; often one at which something ends."""
        hour = self.begin + self.random.randrange(-40 * 24, (self.now - self.begin) // HOUR) * HOUR
        midnights = self.begin + (hour - self.begin) // DAY * DAY
        return self.random.choice([hour] * 6 + [midnights, self.random.choice(self.ends)])

    # -- as the truth asks

    def customer(self, account: str, day: date) -> str:
        return self.owners[account, day]

    def row(self, customer_id: str, day: date) -> dict[str, str]:
        return self.described.get((customer_id, day), {"segment": UNMAPPED, "market": UNMAPPED, "parent_id": ""})

    def weights(self, product: str, day: date) -> dict[str, Fraction]:
        return {product_id: Fraction(share) for product_id, share in self.shares(product, day).items()}

    def shares(self, product: str, day: date) -> dict[str, str]:
        return LATER.get(product, SHARES[product]) if day > self.days[2] else SHARES[product]

    def rates(self, currency: str, period: Period) -> tuple[Fraction, Fraction]:
        place, planned = self.periods.index(period), {"FY1": Fraction(11, 10), "FY2": Fraction(13, 10)}[period.year]
        return {
            "USD": (Fraction(1), Fraction(1)),
            "EUR": (planned, Fraction(110 + place, 97)),
            "JPY": (Fraction(7, 10), Fraction(2000 + 3 * place, 3001)),
        }[currency]

    # -- as the warehouse has it

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        ranges = [
            (contract, line, place, at(line.since[place]), at(until))
            for contract, line in self.contracts.items()
            for place, until in enumerate([*line.since[1:], None])
        ]
        return {
            "int_stripe_clocks_read": [("USD",)],
            "int_policies_read": [(self.zone, "USD", self.policy.late_renewal_days)],
            "int_revenue_periods_ranged": [
                (one.name, before.name if before else None, one.first, day, at(start), at(end))
                for one, before, day, start, end in zip(
                    *(self.periods, [None, *self.periods[:-1]], self.days, [self.begin, *self.ends[:-1]], self.ends),
                    strict=True,
                )
            ],
            "int_billing_accounts_resolved": [
                (account, day, owner, self.logo(account, day), described["segment"], described["market"])
                for (account, day), owner in self.owners.items()
                for described in [self.row(owner, day)]
            ],
            "int_billing_products_resolved": [
                (product, day, product_id, Decimal(share))
                for product in SHARES
                for day in self.days
                for product_id, share in self.shares(product, day).items()
            ],
            "int_revenue_rates_resolved": [
                (one.name, currency, *(part for rate in self.rates(currency, one) for part in rate.as_integer_ratio()))
                for one in self.periods
                for currency in CURRENCIES
            ],
            "fct_subscription_interval": [
                (
                    *(contract, held.item, held.account, held.product, held.currency, held.quantity),
                    *(begin, end, *held.monthly.as_integer_ratio(), held.minor_units),
                )
                for contract, line, place, begin, end in ranges
                for held in line.held[place]
            ],
            "int_subscription_failures_ranged": [
                (contract, begin, end) for contract, line, place, begin, end in ranges if line.failed[place]
            ],
        }

    def write(self, warehouse: Warehouse) -> None:
        with duckdb.connect(str(warehouse.home / "warehouse.duckdb")) as connection:
            connection.execute("create schema intermediate")
            for table, rows in self.tables().items():
                connection.execute(f"create table intermediate.{table} ({TABLES[table]})")
                reported = pa.table({str(place): column for place, column in enumerate(zip(*rows, strict=True))})
                connection.register("reported", reported)
                connection.execute(f"insert into intermediate.{table} from reported")


def at(instant: int | None) -> datetime:
    """As the warehouse has instants; without end where there is none."""
    return datetime(9999, 12, 31) if instant is None else datetime(1970, 1, 1) + timedelta(milliseconds=instant)
