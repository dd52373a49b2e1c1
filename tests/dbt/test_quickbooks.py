"""QuickBooks' objects through landing and staging into the ledger: as the vendor sends them, and as books change.

A failure here means that the ledger is not what was booked, or that nothing would say so.
"""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from ingestion.landing import Record
from tests.dbt.conftest import ARRIVED, Warehouse, record

STAGED = ("--select", "path:models/staging/quickbooks", "path:seeds")
POSTED = (*STAGED, "path:models/intermediate/finance", "+stg_files__fiscal_periods", "--indirect-selection", "cautious")
# What reads the company's own maps and policy is built where these are.
POSTED += ("--exclude", "int_class_products_resolved", "int_account_controls_measured")
PROOFS = (
    "assert_ledger_balances",
    "assert_ledger_equals_trial_balance",
    "assert_profit_and_loss_by_class_equals_ledger",
)
PROVEN = ("int_postings_explained", "int_class_differences_found", "int_ledger_differences_found", *PROOFS)
NUMBERS = msgspec.json.Encoder(decimal_format="number")
CASSETTES = {
    "all__customers": ("customers", "Customer"),
    "get__inactive_vendors": ("vendors", "Vendor"),
    "all__employees_including_active": ("employees", "Employee"),
    "all__sales_receipts": ("sales_receipts", "SalesReceipt"),
}


def answers(cassette: str) -> list[bytes]:
    """Bodies of the answers in a recording, as they were sent."""
    folder = Path(os.environ.get("PRODOPS_SHARED", "../shared")) / "recorded" / "quickbooks"
    if not folder.exists():
        pytest.skip("QuickBooks' recordings are not here: PRODOPS_SHARED names the folder with recorded/quickbooks")
    taped = yaml.safe_load((folder / f"{cassette}.yml").read_text())
    return [turn["response"]["body"]["string"].encode() for turn in taped["http_interactions"]]


def of(text: msgspec.Raw) -> Record:
    """A record with its own text, sliced out of the answer."""
    return Record(msgspec.json.decode(text)["Id"], bytes(text), ARRIVED)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, list[Record]]]:
    found: dict[str, list[Record]] = {}
    for cassette, (stream, entity) in CASSETTES.items():
        inside = msgspec.json.decode(answers(cassette)[-1], type=dict[str, msgspec.Raw])["QueryResponse"]
        listed = msgspec.json.decode(inside, type=dict[str, msgspec.Raw])[entity]
        found[stream] = [of(text) for text in msgspec.json.decode(listed, type=list[msgspec.Raw])]
    made = msgspec.json.decode(answers("create__invoice")[0], type=dict[str, msgspec.Raw])
    found["invoices"] = [of(made["Invoice"])]
    found["general_ledgers"] = [Record("2020-09-01/2020-09-29", answers("reports__gl")[0], ARRIVED)]
    warehouse = Warehouse(tmp_path_factory.mktemp("quickbooks") / "home")
    warehouse.land("quickbooks", found)
    warehouse.run(*STAGED)
    return warehouse, found


def test_every_recorded_object_is_staged(recorded: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    warehouse, found = recorded
    assert warehouse.query("select * from staging.stg_quickbooks__quarantine") == []
    staged = dict(
        warehouse.query(
            "select stream, count(*) from (select stream from staging.stg_quickbooks__names union all "
            "select stream from staging.stg_quickbooks__documents union all "
            "select stream from staging.stg_quickbooks__reports) group by stream"
        )
    )
    assert staged == {stream: len(records) for stream, records in found.items()}
    assert min(staged[stream] for stream in ("customers", "vendors", "sales_receipts")) > 3


def test_recorded_objects_keep_what_they_say(recorded: tuple[Warehouse, dict[str, list[Record]]]) -> None:
    """Inactive names are there; amounts are exact; a receipt's discount, subtotal and Pacific time are read."""
    warehouse, _ = recorded
    gone = "select name from staging.stg_quickbooks__names where not is_active and stream = 'employees'"
    assert warehouse.query(gone) == [("Emily Platt (deleted)",)]
    receipt = (
        "select posting_date::varchar, currency, total_minor, deposit_to_account_id, updated_at::varchar "
        "from staging.stg_quickbooks__documents where document_id = '17'"
    )
    assert warehouse.query(receipt) == [("2020-09-29", "USD", 33750, "4", "2020-09-29 13:00:44")]
    lines = (
        "select detail_type, amount_minor, item_id, account_id from staging.stg_quickbooks__document_lines "
        "where document_id = '38' order by line_number"
    )
    assert warehouse.query(lines) == [
        ("SalesItemLineDetail", 8750, "10", None),
        ("SubTotalLineDetail", 8750, None, None),
        ("DiscountLineDetail", 875, None, "86"),
    ]


# -- books by hand: the year of the books begins in April


def book(key: str, **values: Any) -> Record:
    """An object of the books; amounts as numbers, exact."""
    reported = {"Id": key, "MetaData": {"LastUpdatedTime": "2026-05-02T10:00:00-07:00"}, **values}
    return Record(key, NUMBERS.encode(reported), ARRIVED)


def account(key: str, classification: str, type_: str, subtype: str = "") -> Record:
    named = {"Name": f"Account {key}", "Classification": classification, "CurrencyRef": {"value": "USD"}}
    return book(key, AccountType=type_, AccountSubType=subtype, **named)


def ref(key: str) -> dict[str, str]:
    return {"value": key}


def sold(amount: str, product: str | None = None) -> dict[str, Any]:
    detail = {"ItemRef": ref("seat")} | ({"ClassRef": ref(product)} if product else {})
    return {"Amount": Decimal(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def invoice(key: str, day: str, total: str, *lines: dict[str, Any], tax: str = "0", **more: Any) -> Record:
    taxed = {"TotalTax": Decimal(tax)}
    return book(key, TxnDate=day, TotalAmt=Decimal(total), TxnTaxDetail=taxed, Line=lines, **more)


def payment(key: str, day: str, total: float, paid: str) -> Record:
    line = {"Amount": total, "LinkedTxn": [{"TxnId": paid, "TxnType": "Invoice"}]}
    return book(key, TxnDate=day, TotalAmt=total, Line=[line], DepositToAccountRef=ref("bank"))


def entry(key: str, day: str, amount: float, debit: str, credit: str, product: str) -> Record:
    sides = {"Debit": debit, "Credit": credit}
    lines = [
        {
            "Amount": amount,
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": ref(place), "ClassRef": ref(product)},
        }
        for side, place in sides.items()
    ]
    return book(key, TxnDate=day, Line=lines)


def report(name: str, first: str, last: str, columns: list[dict[str, Any]], rows: list[Any]) -> Record:
    header = {"ReportName": name, "StartPeriod": first, "EndPeriod": last, "ReportBasis": "Accrual", "Currency": "USD"}
    return record(f"{first}/{last}", {"Header": header, "Columns": {"Column": columns}, "Rows": {"Row": rows}})


def row(key: str, *cells: str) -> dict[str, Any]:
    return {"ColData": [{"value": f"Account {key}", "id": key}, *({"value": cell} for cell in cells)], "type": "Data"}


def trial_balance(first: str, last: str, **balances: str) -> Record:
    columns = [{"ColTitle": title, "ColType": "Money"} for title in ("", "Debit", "Credit")]
    rows = [row(key, *(("", text[1:]) if text[0] == "-" else (text, ""))) for key, text in balances.items()]
    total = {"Summary": {"ColData": [{"value": "TOTAL"}, {"value": "1.00"}, {"value": "1.00"}]}, "type": "Section"}
    return report("TrialBalance", first, last, columns, [*rows, total])


def profit_and_loss(first: str, last: str, *rows: Any) -> Record:
    keys = {"": "account", "Web": "web", "Not Specified": "0", "TOTAL": "total"}
    columns = [{"ColTitle": title, "MetaData": [{"Name": "ColKey", "Value": key}]} for title, key in keys.items()]
    return report("ProfitAndLoss", first, last, columns, list(rows))


def section(head: dict[str, Any], *rows: Any) -> dict[str, Any]:
    summary = {"ColData": [{"value": "Total"}, {"value": "9"}, {"value": "9"}, {"value": "9"}]}
    return {"Header": {"ColData": head["ColData"]}, "Rows": {"Row": rows}, "Summary": summary, "type": "Section"}


def ledger(first: str, last: str, *postings: tuple[str, str, str, str, str]) -> Record:
    """A general ledger of postings: day, type and id, account, amount (debits positive), class."""
    keys = ("tx_date", "txn_type", "account_name", "klass_name", "debt_amt", "credit_amt")
    columns = [{"ColTitle": key, "MetaData": [{"Name": "ColKey", "Value": key}]} for key in keys]
    rows = []
    for day, document, place, amount, product in postings:
        type_, key = document.split("/")
        sides = ["", amount[1:]] if amount[0] == "-" else [amount, ""]
        cells = [{"value": day}, {"value": type_, "id": key}, {"value": f"Account {place}", "id": place}]
        cells += [{"value": product, "id": product}, *({"value": side} for side in sides)]
        rows.append({"ColData": cells, "type": "Data"})
    return report("GeneralLedger", first, last, columns, rows)


NAMES = {
    "company_info": [book("1", CompanyName="Acme", FiscalYearStartMonth="April")],
    "preferences": [
        book("1", CurrencyPrefs={"HomeCurrency": ref("USD")}, AccountingInfoPrefs={"ClassTrackingPerTxnLine": True})
    ],
    "accounts": [
        account("bank", "Asset", "Bank"),
        account("receivable", "Asset", "Accounts Receivable"),
        account("tax", "Liability", "Other Current Liability", "SalesTaxPayable"),
        account("retained", "Equity", "Equity", "RetainedEarnings"),
        account("sales", "Revenue", "Income"),
        account("rent", "Expense", "Expense"),
        account("offices", "Expense", "Expense"),
    ],
    "items": [book("seat", Name="Seat", IncomeAccountRef=ref("sales"))],
    "classes": [book("web", Name="Web")],
}
# In March 100.10 are billed to Web and 10 for nothing in particular, 11 of tax on top; in April the new year has begun,
# 121.10 come in and rent of 40 is paid, 15 of it beneath another account.
FIRST = {
    **NAMES,
    "invoices": [invoice("1", "2026-03-30", "121.10", sold("100.10", "web"), sold("10"), tax="11")],
    "payments": [payment("2", "2026-04-02", 121.1, "1")],
    "journal_entries": [
        entry("3", "2026-04-10", 25, "rent", "bank", "web"),
        entry("4", "2026-04-11", 15, "offices", "bank", "web"),
    ],
    "trial_balances": [
        trial_balance("2025-04-01", "2026-03-31", receivable="121.10", tax="-11.00", sales="-110.10"),
        trial_balance(
            "2026-04-01", "2026-04-30", bank="81.10", tax="-11.00", retained="-110.10", rent="25.00", offices="15.00"
        ),
    ],
    "profit_and_loss_by_class": [
        profit_and_loss(
            "2026-03-01", "2026-03-31", section(row("", "", "", ""), row("sales", "100.10", "10.00", "110.10"))
        ),
        profit_and_loss(
            "2026-04-01", "2026-04-30", section(row("offices", "15.00", "", "15.00"), row("rent", "25.00", "", "25.00"))
        ),
    ],
    "general_ledgers": [
        ledger(
            "2026-03-01",
            "2026-03-31",
            ("2026-03-30", "Invoice/1", "receivable", "121.10", ""),
            ("2026-03-30", "Invoice/1", "tax", "-11.00", ""),
            ("2026-03-30", "Invoice/1", "sales", "-100.10", "web"),
            ("2026-03-30", "Invoice/1", "sales", "-10.00", ""),
        ),
        ledger(
            "2026-04-01",
            "2026-04-30",
            ("2026-04-02", "Payment/2", "bank", "121.10", ""),
            ("2026-04-02", "Payment/2", "receivable", "-121.10", ""),
            ("2026-04-10", "Journal Entry/3", "rent", "25.00", "web"),
            ("2026-04-10", "Journal Entry/3", "bank", "-25.00", "web"),
            ("2026-04-11", "Journal Entry/4", "offices", "15.00", "web"),
            ("2026-04-11", "Journal Entry/4", "bank", "-15.00", "web"),
        ),
    ],
}
# The invoice is voided, the payment deleted, the rent corrected, something is booked that is no document, and
# QuickBooks restates both periods.
SECOND = {
    "invoices": [invoice("1", "2026-03-30", "0", sold("0", "web"), sold("0"), PrivateNote="Voided - wrong customer")],
    "payments": [record("2", "", deleted=True)],
    "journal_entries": [entry("3", "2026-04-10", 26, "rent", "bank", "web")],
    "trial_balances": [
        report("TrialBalance", "2025-04-01", "2026-03-31", [], []),
        trial_balance("2026-04-01", "2026-04-30", bank="-43.00", tax="2.00", rent="26.00", offices="15.00"),
    ],
    "profit_and_loss_by_class": [
        report("ProfitAndLoss", "2026-03-01", "2026-03-31", [], []),
        profit_and_loss(
            "2026-04-01", "2026-04-30", section(row("offices", "15.00", "", "15.00"), row("rent", "26.00", "", "26.00"))
        ),
    ],
    "general_ledgers": [
        report("GeneralLedger", "2026-03-01", "2026-03-31", [], []),
        # April comes in parts. A made-up type that is in no document is a row like any other.
        record("2026-04-01/2026-04-30", "", deleted=True),
        ledger(
            "2026-04-01",
            "2026-04-11",
            ("2026-04-10", "Journal Entry/3", "rent", "26.00", "web"),
            ("2026-04-10", "Journal Entry/3", "bank", "-26.00", "web"),
            ("2026-04-11", "Journal Entry/4", "offices", "15.00", "web"),
            ("2026-04-11", "Journal Entry/4", "bank", "-15.00", "web"),
        ),
        ledger(
            "2026-04-12",
            "2026-04-30",
            ("2026-04-12", "Moonlight Adjustment/77", "tax", "2.00", ""),
            ("2026-04-12", "Moonlight Adjustment/77", "bank", "-2.00", ""),
        ),
    ],
}
BALANCES, TRIAL, CLASSES = PROOFS
MUTATIONS = {
    "update intermediate.fct_gl_line set amount_home_minor = amount_home_minor + 1 where account_id = 'rent'": PROOFS,
    "delete from intermediate.fct_gl_line where document_id = '4'": (TRIAL, CLASSES),
    "delete from intermediate.fct_gl_line where document_id = '77' and account_id = 'tax'": (BALANCES, TRIAL),
    "update intermediate.fct_gl_line set class_id = null": (CLASSES,),
    "update intermediate.fct_gl_line set posting_date = date '2026-05-01' where document_id = '4'": (TRIAL, CLASSES),
    "update intermediate.fct_gl_line set amount_home_minor = null where document_id = '77'": (BALANCES, TRIAL),
    "update intermediate.fct_gl_line set account_id = null where account_id = 'tax'": (BALANCES, TRIAL),
    "update intermediate.fct_trial_balance set credit_minor = credit_minor + 1 where account_id = 'bank'": (TRIAL,),
}


class Story:
    """Books that are proven, change, are proven again and are then meddled with."""

    def __init__(self, home: Path) -> None:
        self.warehouse = Warehouse(home)
        self.warehouse.land("quickbooks", FIRST)
        self.warehouse.build(*POSTED)
        self.before = self.posted()
        self.warehouse.land("quickbooks", SECOND)
        self.warehouse.build(*POSTED)
        self.after = self.posted()
        self.incremental = self.read()
        self.warehouse.run("--full-refresh", *POSTED)
        self.full = self.read()
        self.red, self.named = {}, {}
        for mutation in MUTATIONS:
            table = mutation.removeprefix("delete from ").removeprefix("update ").split()[0]
            self.warehouse.change(f"create or replace table spare as from {table}; {mutation}")
            found = self.warehouse.dbt("build", "--select", *PROVEN, "--exclude-resource-type", "unit_test")
            self.red[mutation] = tuple(sorted(name for name, status in found.items() if status == "warn"))
            self.named[mutation] = self.warehouse.query(
                "select distinct fiscal_period, account_id, suspect from intermediate.int_ledger_differences_found "
                "where proof = 'trial_balance' order by all"
            )
            self.warehouse.change(f"create or replace table {table} as from spare")

    def read(self) -> list[tuple[Any, ...]]:
        return self.warehouse.query("select * from staging.stg_quickbooks__ledger_postings order by all")

    def posted(self) -> list[tuple[Any, ...]]:
        reported = "document_id, account_id, class_id, amount_home_minor, is_voided"
        return self.warehouse.query(f"select {reported} from intermediate.fct_gl_line order by all")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("books") / "home")


def test_documents_post_on_both_sides_and_follow_what_is_voided_deleted_and_corrected(story: Story) -> None:
    """Each build ran the proofs: what was billed last year is in retained earnings, by the books' own calendar."""
    kept = [("4", "bank", "web", -1500, False), ("4", "offices", "web", 1500, False)]
    assert story.before == [
        ("1", "receivable", None, 12110, False),
        ("1", "sales", "web", -10010, False),
        ("1", "sales", None, -1000, False),
        ("1", "tax", None, -1100, False),
        ("2", "bank", None, 12110, False),
        ("2", "receivable", None, -12110, False),
        ("3", "bank", "web", -2500, False),
        ("3", "rent", "web", 2500, False),
        *kept,
    ]
    assert story.after == [
        ("3", "bank", "web", -2600, False),
        ("3", "rent", "web", 2600, False),
        *kept,
        ("77", "bank", None, -200, False),
        ("77", "tax", None, 200, False),
    ]


def test_the_ledger_is_read_answer_by_answer(story: Story) -> None:
    """April came in one answer and then in two: the first one leaves with what it replaces."""
    assert story.incremental == story.full
    assert {row[0] for row in story.full} == {"2026-04-01/2026-04-11", "2026-04-12/2026-04-30"}


def test_a_type_that_nobody_knows_is_one_more_row_with_its_label(story: Story) -> None:
    rows = story.warehouse.query(
        "select distinct document_type, type_label, has_document from intermediate.fct_gl_line where document_id = '77'"
    )
    assert rows == [("Moonlight Adjustment", "Moonlight Adjustment", False)]
    explained = story.warehouse.query(
        "select explanation, count(distinct document_id) from intermediate.int_postings_explained "
        "where document_id in ('3', '77') group by all order by all"
    )
    assert explained == [("explained", 1), ("only in the report", 1)]


def test_a_ledger_that_is_not_the_books_is_red(story: Story) -> None:
    """A cent, a document, half an entry, a class, a period, an amount, an account, the control itself."""
    assert story.red == MUTATIONS


def test_a_difference_names_what_to_look_at(story: Story) -> None:
    """The transaction that differs from its document, with the line."""
    [(_, account, suspect)] = story.named[next(iter(MUTATIONS))]
    assert (account, suspect) == ("rent", "JournalEntry 3: 2601 posted, 2600 by the document")
