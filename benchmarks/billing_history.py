"""A company's billing of any length that costs little to land: every contract is a formula of its number.

Belongs here: what the revenue benchmark lands. Does not: faithfulness (sandbox/), measuring (revenue.py).
So many contracts run in each month, whatever the length. One runs for 17 months, then a new customer comes in its
place. Seats are added every sixth month, in the middle of a term, and billed with the next one.
"""

import csv
import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.clock import now
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES, LoadOptions, load_source
from ingestion.sources.files.rows import SHEETS

FIRST_YEAR = 2021
PRODUCTS = ("app", "web", "pay", "box")
SEGMENTS, MARKETS = ("ENT", "SMB", "MID"), ("DACH", "UKI", "NA", "LATAM")
LASTS, PLACE = 17, 18  # months of a contract, and until the next one begins in its place
MORE = 6  # months between two additions of seats
CHUNK = 50_000
ALWAYS = {"valid_from": "2021-01-01", "valid_to": ""}


def instant(month: int, day: int = 1) -> int:
    """Unix seconds of a day's morning; months count from the first one."""
    return int(datetime(FIRST_YEAR + month // 12, month % 12 + 1, day, 9, tzinfo=UTC).timestamp())


class MonthlyContract:
    """The contract of a place in a month, if one runs."""

    def __init__(self, place: int, round_: int) -> None:
        self.key = f"{place}_{round_}"
        self.begins = round_ * PLACE - place % PLACE
        self.day = place % 28 + 1
        self.product = PRODUCTS[place % len(PRODUCTS)]
        self.seats = 1 + (place + round_) % 20

    def runs(self, month: int) -> bool:
        return self.begins <= month < self.begins + LASTS

    def quantity(self, month: int) -> int:
        """At the beginning of a term."""
        return self.seats + 2 * ((month - self.begins) // MORE)

    def grows(self, month: int) -> bool:
        """Whether seats are added in the middle of the term."""
        return (month - self.begins) % MORE == MORE - 1


def contracts(places: int, month: int) -> Iterator[MonthlyContract]:
    """Those that have begun by a month and after the history did."""
    for place in range(places):
        for round_ in range((month + place % PLACE) // PLACE + 1):
            yield MonthlyContract(place, round_)


def write_files(folder: Path, places: int, months: int) -> None:
    """The company's own files: who the customers are, products, a plan in euros, nothing in any other currency."""
    folder.mkdir(parents=True)
    (folder / "policy.yml").write_text("reporting_time_zone: UTC\nreporting_currency: EUR\n")
    (folder / "fiscal_calendar.yml").write_text("pattern: months\nstart_month: 1\nfirst_fiscal_year: FY21\n")
    known = [one.key for one in contracts(places, months + 12)]
    product = {"level": "product", "parent_id": "", "owner": "", "lifecycle": "", **ALWAYS}
    rule = {"source": "stripe", "object_type": "product", "match": "exact", "weight": "1", **ALWAYS, "reason": ""}
    rows: dict[str, list[dict[str, str]]] = {
        "products": [{"product_id": name, "name": name.title(), **product} for name in PRODUCTS],
        "product_map": [{**rule, "key": f"prod_{name}", "product_id": name} for name in PRODUCTS],
        "teams": [{"team_id": "T", "name": "T", "type": "stream", "function": "", "parent_id": "", **ALWAYS}],
        "segments": [{"code": code, "name": code} for code in SEGMENTS],
        "markets": [{"code": code, "name": code, "region": ""} for code in MARKETS],
        "customers": [
            {"customer_id": f"C{key}", "name": key, "parent_id": "", "segment": SEGMENTS[number % len(SEGMENTS)]}
            | {"market": MARKETS[number % len(MARKETS)], "country": "DE", "industry": "", **ALWAYS}
            for number, key in enumerate(known)
        ],
        "customer_map": [
            {"source": "stripe", "key": f"cus_{key}", "customer_id": f"C{key}", **ALWAYS} for key in known
        ],
        "fx_plan": [
            {"currency": "EUR", "fiscal_year": f"FY{year % 100}", "rate": "1"}
            for year in range(FIRST_YEAR, FIRST_YEAR + months // 12 + 3)
        ],
    }
    for name, lines in rows.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(SHEETS[name].row.columns()), lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)


def land_company() -> None:
    """What does not grow: the files, the catalogue, and every other source with nothing in it."""
    load_source("files", LoadOptions(), lambda landed: None)
    for name in SOURCES.keys() - {"files", "stripe"}:
        Landing(name, SOURCES[name].streams).close()
    with Landing("stripe", SOURCES["stripe"].streams) as landing:
        landing.land("products", [_record(_product(name)) for name in PRODUCTS])
        landing.land("prices", [_record(_price(name)) for name in PRODUCTS])


def land(places: int, first: int, last: int) -> int:
    """Lands what billing did from one month to before another; how many records."""
    waiting: dict[str, list[Record]] = {}
    count = 0
    with Landing("stripe", SOURCES["stripe"].streams) as landing:
        for stream, record in _records(places, first, last):
            waiting.setdefault(stream, []).append(record)
            count += 1
            if len(waiting[stream]) == CHUNK:
                landing.land(stream, waiting.pop(stream))
        for stream, records in waiting.items():
            landing.land(stream, records)
    return count


def _records(places: int, first: int, last: int) -> Iterator[tuple[str, Record]]:
    for one in contracts(places, last - 1):
        begins, ends = max(one.begins, 0), one.begins + LASTS
        if ends < first:
            continue
        if begins >= first:
            yield "customers", _record(_customer(one, begins))
        for month in range(max(begins, first), min(ends, last)):
            invoice, lines = _invoice(one, month, begins)
            yield "invoices", _record(invoice)
            for line in lines:
                yield "invoice_lines", _record(line, invoice["id"])
        subscription, item = _subscription(one, begins, min(last, ends) - 1, is_over=ends < last)
        yield "subscriptions", _record(subscription)
        yield "subscription_items", _record(item, subscription["id"])


def _record(payload: dict[str, Any], owner: str | None = None) -> Record:
    return Record(str(payload["id"]), json.dumps(payload), now(), parent_id=owner)


def _product(name: str) -> dict[str, Any]:
    return {"id": f"prod_{name}", "name": name.title(), "active": True, "created": instant(0), "metadata": {}}


def _cents(product: str) -> int:
    return 1_000 * (1 + PRODUCTS.index(product))


def _price(name: str) -> dict[str, Any]:
    monthly = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    cents = _cents(name)
    known = {"product": f"prod_{name}", "currency": "eur", "unit_amount": cents, "unit_amount_decimal": str(cents)}
    reported = {"type": "recurring", "billing_scheme": "per_unit", "recurring": monthly, "active": True, "metadata": {}}
    return {"id": f"price_{name}", "created": instant(0), **known, **reported}


def _customer(one: MonthlyContract, begins: int) -> dict[str, Any]:
    known = {"name": one.key, "currency": "eur", "balance": 0, "delinquent": False, "metadata": {}}
    return {"id": f"cus_{one.key}", "created": instant(begins, one.day), "address": {"country": "DE"}, **known}


def _invoice(one: MonthlyContract, month: int, begins: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    at, until, cents = instant(month, one.day), instant(month + 1, one.day), _cents(one.product)
    billed = [(one.quantity(month) * cents, one.quantity(month), at, until, False)]
    if month > begins and one.grows(month - 1):
        middle = _middle(one, month - 1)
        rest = [
            round(cents * seats * (at - middle) / (at - instant(month - 1, one.day)))
            for seats in _seats(one, month - 1)
        ]
        before, after = _seats(one, month - 1)
        billed = [(-rest[0], before, middle, at, True), (rest[1], after, middle, at, True), *billed]
    number = f"in_{one.key}_{month}"
    lines = [_line(one, f"il_{one.key}_{month}_{place}", *line) for place, line in enumerate(billed)]
    total = sum(line["amount"] for line in lines)
    money = dict.fromkeys(("subtotal", "total", "total_excluding_tax", "amount_due", "amount_paid"), total)
    reported = {
        **money,
        **{"amount_remaining": 0, "starting_balance": 0, "total_discount_amounts": [], "total_taxes": []},
        **{"pre_payment_credit_notes_amount": 0, "post_payment_credit_notes_amount": 0, "metadata": {}},
        **{"customer": f"cus_{one.key}", "status": "paid", "currency": "eur", "number": number, "discounts": []},
        **{"billing_reason": "subscription_cycle", "collection_method": "charge_automatically"},
        **{"period_start": at, "period_end": until, "effective_at": at, "payments": {"data": []}},
        "status_transitions": {"finalized_at": at, "paid_at": at},
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": f"sub_{one.key}"}},
    }
    return {"id": number, "created": at, **reported}, lines


def _middle(one: MonthlyContract, month: int) -> int:
    return instant(month, one.day) + monthrange(FIRST_YEAR + month // 12, month % 12 + 1)[1] * 43_200


def _seats(one: MonthlyContract, month: int) -> tuple[int, int]:
    """Before and after more are added."""
    return one.quantity(month), one.quantity(month + 1)


def _line(
    one: MonthlyContract, number: str, amount: int, quantity: int, start: int, end: int, is_proration: bool
) -> dict[str, Any]:
    made_by = {"subscription": f"sub_{one.key}", "subscription_item": f"si_{one.key}", "proration": is_proration}
    price = {"product": f"prod_{one.product}", "price": f"price_{one.product}"}
    return {
        **{"id": number, "amount": amount, "currency": "eur", "quantity": quantity, "description": one.product},
        **{"discount_amounts": [], "taxes": [], "period": {"start": start, "end": end}, "discounts": []},
        "pricing": {"price_details": price, "unit_amount_decimal": str(_cents(one.product))},
        "parent": {"type": "subscription_item_details", "subscription_item_details": made_by},
    }


def _subscription(
    one: MonthlyContract, begins: int, month: int, is_over: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """As of a month, whose growth in mid-term is still to come."""
    number, at, ended = f"sub_{one.key}", instant(begins, one.day), instant(one.begins + LASTS, one.day)
    ends = {"status": "canceled", "canceled_at": ended, "ended_at": ended} if is_over else {"status": "active"}
    known = {"customer": f"cus_{one.key}", "currency": "eur", "start_date": at, "billing_cycle_anchor": at}
    subscription = {"id": number, "created": at, **known, **ends, "discounts": [], "metadata": {}}
    term = {"current_period_start": instant(month, one.day), "current_period_end": instant(month + 1, one.day)}
    item = {"id": f"si_{one.key}", "created": at, "price": _price(one.product), "quantity": one.quantity(month)}
    return subscription, {**item, **term, "discounts": [], "metadata": {}}
