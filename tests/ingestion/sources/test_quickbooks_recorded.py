"""Answers that a real QuickBooks company gave: what they hold lands byte for byte, what they refuse is understood.

Belongs here: the recordings (PRODOPS_SHARED; without them there is nothing to read). Does not: books that a test edits.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from starlette.responses import Response

from ingestion.records import parse_object, split_records
from ingestion.settings import resolve
from ingestion.sources.quickbooks.api import Entity, QuickBooksApi, QuickBooksSettings
from tests.ingestion.conftest import landed_rows
from tests.ingestion.sources.quickbooks_books import STREAMS, Books, Given

RECORDED = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "recorded" / "quickbooks"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recordings at {RECORDED}")
LISTED = {
    "Customer": "all__customers",
    "Vendor": "get__inactive_vendors",
    "Employee": "all__employees_including_active",
    "SalesReceipt": "all__sales_receipts",
}


@cache
def bodies(name: str) -> list[bytes]:
    cassette = yaml.safe_load((RECORDED / f"{name}.yml").read_text())
    texts = [one["response"]["body"]["string"] for one in cassette["http_interactions"]]
    return [text if isinstance(text, bytes) else text.encode() for text in texts]


class RecordedBooks(Books):
    """Serves the recorded objects as they were written, in pages of our own size."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.now = datetime(2020, 9, 29, 15, 14, 2, tzinfo=UTC)
        self.texts = {kind: dict(objects(kind)) for kind in (*LISTED, "Invoice")}
        self.records = {kind: {key: {"Id": key} for key in found} for kind, found in self.texts.items()}
        self.set(PAGE_SIZE="10", START="2020-09-01")

    def _page(self, kind: str, records: list[Given]) -> Response:
        if kind not in self.texts or not records:
            return super()._page(kind, records)
        listed = b",".join(self.texts[kind][record["Id"]] for record in records)
        body = b'{"QueryResponse":{"%s":[%s],"startPosition":1,"maxResults":%d},"time":""}'
        return Response(body % (kind.encode(), listed, len(records)), media_type="application/json;charset=utf-8")


def objects(kind: str) -> Iterator[tuple[str, bytes]]:
    if kind == "Invoice":
        found = [bytes(parse_object(bodies("create__invoice")[0]).members[kind])]
    else:
        answers = [parse_object(bytes(parse_object(body).members["QueryResponse"])) for body in bodies(LISTED[kind])]
        found = [
            bytes(text)
            for one in answers
            if kind in one.members
            for text in split_records(one.members[kind], None).records
        ]
    for text in found:
        yield str(parse_object(text).member("Id")), text


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordedBooks:
    return RecordedBooks(tmp_path / "home", monkeypatch)


def test_recorded_objects_land_as_they_were_written(books: RecordedBooks) -> None:
    books.load()
    assert {kind: len(found) for kind, found in books.texts.items()} == {
        "Customer": 41,
        "Vendor": 27,
        "Employee": 2,
        "SalesReceipt": 4,
        "Invoice": 1,
    }
    employees = books.texts.pop("Employee")
    for kind, found in books.texts.items():
        assert {key: text.encode() for key, text, _ in landed_rows("quickbooks", STREAMS[kind])} == found
    for key, text, _ in landed_rows("quickbooks", "employees"):
        landed, served = parse_object(text.encode()), parse_object(employees[key])
        assert {"Id", "DisplayName", "Active"} < landed.members.keys()
        assert not {"PrimaryAddr", "PrimaryPhone", "SSN"} & landed.members.keys()
        assert all(bytes(part) == bytes(served.members[name]) for name, part in landed.members.items())


def test_a_recorded_ledger_that_nobody_asked_columns_of_is_refused_by_name(books: RecordedBooks) -> None:
    """Its one amount has the sign that suits its account: it is no double entry."""
    # a report is asked for to the end of a month, which was not over
    ledger = bodies("reports__gl")[0].replace(b'"EndPeriod":"2020-09-29"', b'"EndPeriod":"2020-09-30"')
    books.answers["GeneralLedger start_date=2020-09"] = [Response(ledger, media_type="application/json")]
    refused, skipped = books.failures()
    assert "lacks the columns debt_amt, credit_amt" in str(refused)
    assert skipped.stream == "trial_balances"
    assert len(landed_rows("quickbooks", "customers")) == 41


def test_recorded_changes_are_read(books: RecordedBooks) -> None:
    books.answers["entities=Estimate"] = [Response(bodies("cdc__basic")[0], media_type="application/json")]
    with books.serving():
        changes = QuickBooksApi(resolve("quickbooks", QuickBooksSettings)).changes(
            Entity("estimates", "Estimate", "Estimates, which do not land"), books.now
        )
    assert ([one.record_id for one in changes.records], changes.deleted, changes.is_whole) == (
        ["48", "46", "41", "100"],
        [],
        True,
    )


def test_recorded_refusals_are_understood(books: RecordedBooks) -> None:
    expired, unknown = bodies("error__401")[0], bodies("error__400")[1]
    books.answers["FROM Customer"] = [Response(expired, 401, media_type="application/json")]
    books.answers["FROM Vendor"] = [Response(unknown, 400, media_type="application/json")]
    (error,) = books.failures()
    assert str(error).startswith("quickbooks.vendors at position 1 (status 400): the request was refused; ")
    assert "the vendor says: ValidationFault, 4001: QueryValidationError: invalid context declaration" in str(error)
    assert books.refreshes == 2
    assert len(landed_rows("quickbooks", "customers")) == 41
