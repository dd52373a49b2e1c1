"""Stripe's objects through landing and staging: as the vendor publishes them, and as they change from load to load.

A failure here means that bills vanish between landing and the figures, or that figures keep what is gone.
"""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingestion.landing import Record
from ingestion.sources import SOURCES
from tests.dbt.conftest import ARRIVED, Warehouse, record

OBJECTS = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "coupons": "coupon",
    "subscriptions": "subscription",
    "subscription_items": "subscription_item",
    "invoices": "invoice",
    "invoice_lines": "line_item",
    "invoice_payments": "invoice_payment",
    "invoice_items": "invoiceitem",
    "credit_notes": "credit_note",
    "credit_note_lines": "credit_note_line_item",
    "charges": "charge",
    "refunds": "refund",
    "balance_transactions": "balance_transaction",
}
CHILDREN = {
    "subscriptions": ("subscription_items", "items"),
    "invoices": ("invoice_lines", "lines"),
    "credit_notes": ("credit_note_lines", "lines"),
}
STAGED = ("--select", "path:models/staging/stripe", "path:seeds", "--indirect-selection", "cautious")

SECOND = 1_735_689_600  # 2025-01-01
DISCOUNT = {"id": "di_1", "object": "discount", "source": {"type": "coupon", "coupon": "HALF"}, "start": SECOND}


def resources() -> dict[str, msgspec.Raw]:
    file = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "recorded" / "stripe" / "fixtures3.json"
    if not file.exists():
        pytest.skip("Stripe's fixtures are not here: PRODOPS_SHARED names the folder that holds recorded/stripe")
    return msgspec.json.decode(file.read_bytes(), type=dict[str, dict[str, msgspec.Raw]])["resources"]


def of(text: msgspec.Raw, parent: str | None = None) -> Record:
    """A record with its own text, sliced out of the file."""
    return Record(msgspec.json.decode(text)["id"], bytes(text), ARRIVED, parent_id=parent)


def recorded() -> dict[str, list[Record]]:
    """Every object with what is embedded in it; the stub of a deleted customer as if it were one."""
    objects = resources()
    found = {stream: [of(objects[name])] for stream, name in OBJECTS.items()}
    for stream, (child, member) in CHILDREN.items():
        parent = msgspec.json.decode(objects[OBJECTS[stream]], type=dict[str, msgspec.Raw])
        inside = msgspec.json.decode(parent[member], type=dict[str, msgspec.Raw])["data"]
        key = found[stream][0].record_id
        found[child] = [of(text, key) for text in msgspec.json.decode(inside, type=list[msgspec.Raw])] + found[child]
    found["customers"].append(record("cus_gone", msgspec.json.decode(objects["deleted_customer"])))
    return found


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, list[Record]]]:
    found = recorded()
    warehouse = Warehouse(tmp_path_factory.mktemp("stripe") / "home")
    warehouse.land("stripe", found)
    warehouse.build(*STAGED)
    return warehouse, found


def test_every_published_object_is_staged_or_quarantined_with_its_reason(
    vendor: tuple[Warehouse, dict[str, list[Record]]],
) -> None:
    warehouse, found = vendor
    assert found.keys() == {stream.name for stream in SOURCES["stripe"].streams}
    quarantined = warehouse.query(
        "select stream, record_id, quarantine_reason from staging.stg_stripe__quarantine order by all"
    )
    assert quarantined == [
        ("customers", "cus_gone", "created_at: missing"),
        ("invoice_payments", "obj_123", "currency: not a currency: currency"),
    ]
    for stream, records in found.items():
        served = {one.record_id for one in records} - {key for _, key, _ in quarantined}
        key = stream.removesuffix("s") + "_id"
        staged = warehouse.query(f"select {key} from staging.stg_stripe__{stream}")
        assert (stream, {one for (one,) in staged}) == (stream, served)


def test_published_objects_keep_what_they_say(vendor: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    warehouse, _ = vendor
    line = warehouse.query(
        "select currency, amount_minor, invoice_item_id, subscription_item_id, is_proration, "
        "service_starts_at::varchar from staging.stg_stripe__invoice_lines"
    )
    assert set(line) == {("USD", 1000, "invoice_item", None, True, "2024-07-26 00:34:14")}
    price = "select unit_amount_minor, unit_amount_decimal::varchar, interval_unit from staging.stg_stripe__prices"
    assert warehouse.query(price) == [(2000, "2000.000000000000", "month")]
    parents = "select distinct credit_note_id, currency from staging.stg_stripe__credit_note_lines order by all"
    assert warehouse.query(parents) == [("cn_1Pgc75B7WZ01zgkWJMPt5riP", "USD"), (None, None)]


def subscription(status: str, discounts: object, **more: object) -> Record:
    always = {"customer": "cus_1", "currency": "eur", "start_date": SECOND, "created": SECOND}
    return record("sub_1", {"id": "sub_1", "status": status, "discounts": discounts, **always, **more})


def item(parent: str) -> Record:
    price = {"id": "price_1", "product": "prod_1", "currency": "eur"}
    term = {"current_period_start": SECOND, "current_period_end": SECOND + 86_400}
    payload = {"id": "si_1", "subscription": parent, "price": price, "quantity": 3, "created": SECOND, **term}
    return record("si_1", payload, parent=parent)


def customer(key: str) -> Record:
    return record(key, {"id": key, "created": SECOND})


def line(key: str, amount: object) -> Record:
    text = json.dumps({"id": key, "currency": "kwd", "amount": "AMOUNT", "period": {"start": SECOND, "end": SECOND}})
    return record(key, text.replace('"AMOUNT"', str(amount)), parent="in_1")


class Story:
    """A home in which things change, leave, move and become readable; what was staged before and after."""

    def __init__(self, home: Path) -> None:
        self.warehouse = Warehouse(home)
        first = {
            "customers": [customer("cus_1"), customer("cus_2")],
            "subscriptions": [subscription("active", ["di_1"])],
            "subscription_items": [item("sub_1")],
            "invoice_lines": [
                line("il_1", 1250),
                line("il_2", "12.50"),
                line("il_3", 2**63 - 1),
                line("il_4", 2**63),
            ],
        }
        ending = DISCOUNT | {"end": SECOND + 86_400}
        second = {
            "customers": [record("cus_2", "", deleted=True)],
            "subscriptions": [subscription("canceled", [ending], ended_at=SECOND + 60)],
            "subscription_items": [item("sub_2")],
            "invoice_lines": [record("il_1", "", parent="in_1", deleted=True), line("il_2", 1251)],
        }
        self.warehouse.land("stripe", first)
        self.warehouse.run(*STAGED)
        self.before = self.staged()
        self.warehouse.land("stripe", second)
        self.warehouse.build(*STAGED)
        self.after = self.staged()
        self.incremental = self.warehouse.tables()
        self.warehouse.run("--full-refresh", *STAGED)
        self.full = self.warehouse.tables()

    def staged(self) -> dict[str, list[tuple[Any, ...]]]:
        columns = {
            "customers": "customer_id",
            "subscriptions": "status, ended_at::varchar",
            "subscription_items": "subscription_id, quantity",
            "subscription_discounts": "discount_id, coupon_id, ends_at::varchar",
            "invoice_lines": "invoice_line_id, amount_minor, currency",
            "quarantine": "record_id, quarantine_reason",
        }
        return {
            name: self.warehouse.query(f"select {wanted} from staging.stg_stripe__{name} order by all")
            for name, wanted in columns.items()
        }


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("stripe") / "changing")


def test_money_is_staged_exactly_or_waits_in_quarantine(story: Story) -> None:
    """The largest BIGINT is money still; one more is not, nor is an amount with a point."""
    assert story.before["invoice_lines"] == [("il_1", 1250, "KWD"), ("il_3", 9223372036854775807, "KWD")]
    assert story.before["quarantine"] == [
        ("il_2", "amount: not a bigint: 12.5"),
        ("il_4", "amount: not a bigint: 9223372036854775808"),
        ("sub_1", 'discounts: not a list of id, source.coupon, start, end: ["di_1"]'),
    ]


def test_what_changed_left_or_moved_is_followed(story: Story) -> None:
    assert story.before["customers"] == [("cus_1",), ("cus_2",)]
    assert story.after == {
        "customers": [("cus_1",)],
        "subscriptions": [("canceled", "2025-01-01 00:01:00")],
        "subscription_items": [("sub_2", 3)],
        "subscription_discounts": [("di_1", "HALF", "2025-01-02 00:00:00")],
        "invoice_lines": [("il_2", 1251, "KWD"), ("il_3", 9223372036854775807, "KWD")],
        "quarantine": [("il_4", "amount: not a bigint: 9223372036854775808")],
    }
    assert story.before["subscription_items"] == [("sub_1", 3)]


def test_increments_end_in_what_a_full_refresh_makes(story: Story) -> None:
    assert story.incremental.keys() == story.full.keys()
    assert [name for name, rows in story.full.items() if rows != story.incremental[name]] == []
    assert len(story.full["staging.base_stripe__invoice_lines"]) == 4
