"""QuickBooks' answers against what is true: every record, and every report of every period, for several seeds.

Belongs here: the simulator's own double entry against the truth's. Does not: how an answer is asked for
(test_quickbooks.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.company.books.facts import Booked
from sandbox.timestamps import ms
from sandbox.truth.books import STREAMS, Ledger, money, periods_with_figures, quickbooks_records
from tests.end_to_end.quickbooks_facts import QUICKBOOKS
from tests.sandbox.conftest import Serve, made
from tests.sandbox.quickbooks_app import App

NOW = "2026-10-15T06:00:00Z"
SEEDS = (1, 2, 3)  # one in each currency of books
REPORTS = {
    "trial_balances": ("TrialBalance", {}),
    "profit_and_loss_by_class": ("ProfitAndLoss", {"summarize_column_by": "Classes"}),
    "general_ledgers": ("GeneralLedger", {"columns": "tx_date,txn_type,account_name,debt_home_amt,credit_home_amt"}),
}
Books = Callable[[int], App]


@pytest.fixture(scope="module")
def books(serve_all: Serve) -> Books:
    """The app of a seed's company, made when it is first asked for."""
    return cache(lambda seed: App(serve_all(company=made(seed), now=NOW)))


def answered(app: App) -> dict[str, dict[str, Any]]:
    """All that the vendor shows, by stream and record id, as a loader would keep it."""
    own = app.sandbox.company
    found = {"company_info": {"1": app.all("CompanyInfo")[0]}, "preferences": {"1": app.all("Preferences")[0]}}
    for kind, stream in STREAMS.items():
        has_hidden = kind in ("Account", "Class", "Department", "Customer", "Vendor", "Item", "Employee")
        where = "where Active in (true, false)" if has_hidden else ""
        found[stream] = {row["Id"]: row for row in app.all(kind, where)}
    for stream, (name, more) in REPORTS.items():
        found[stream] = {
            f"{one.first}/{one.last}": app.report(name, one.first, one.last, **more)
            for one in periods_with_figures(own, own.bookkeeping.books(NOW), ms(NOW))
        }
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_all_that_is_reported_is_what_is_true(books: Books, seed: int) -> None:
    app = books(seed)
    reported, true = answered(app), quickbooks_records(app.sandbox.company, ms(NOW))
    assert reported.keys() == true.keys()
    compared = 0
    for stream, expected in true.items():
        assert reported[stream].keys() == expected.keys(), stream
        for key, facts in expected.items():
            says = QUICKBOOKS[stream](reported[stream][key])
            assert [name for name, value in facts.items() if says[name] != value] == [], (stream, key)
            compared += 1
    assert compared > 900


def amounts(row: dict[str, Any]) -> list[Decimal]:
    return [Decimal(cell["value"] or 0) for cell in row["ColData"][1:]]


def keys(report: dict[str, Any]) -> list[str]:
    return [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]


def rows_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Every row of a general ledger at any depth, its cells by key."""
    found: list[dict[str, Any]] = []

    def add(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            add(row.get("Rows", {}).get("Row", []))
            if "ColData" in row:
                found.append(dict(zip(keys(report), row["ColData"], strict=True)))

    add(report["Rows"].get("Row", []))
    return found


def test_totals_are_rows_and_add_up(books: Books) -> None:
    """Who sums over all rows counts everything several times."""
    app = books(1)
    trial = app.report("TrialBalance", "2026-02-01", "2026-09-30")["Rows"]["Row"]
    debit, credit = (sum(column) for column in zip(*map(amounts, trial[:-1]), strict=True))
    assert trial[-1]["group"] == "GrandTotal"
    assert amounts(trial[-1]["Summary"]) == [debit, credit]
    assert debit == credit > 0
    rows = {
        row["group"]: row
        for row in app.report("ProfitAndLoss", "2026-09-01", "2026-09-30", summarize_column_by="Classes")["Rows"]["Row"]
    }
    total = {group: amounts(row["Summary"]) for group, row in rows.items()}
    assert list(rows)[:5] == ["Income", "COGS", "GrossProfit", "Expenses", "NetOperatingIncome"]
    for column in range(len(total["NetIncome"])):
        gross = total["Income"][column] - total["COGS"][column]
        assert total["GrossProfit"][column] == gross
        operating = gross - total["Expenses"][column]
        assert total["NetOperatingIncome"][column] == operating
        assert total["NetIncome"][column] == operating + total["NetOtherIncome"][column]
    for amount in total.values():
        assert sum(amount[:-1]) == amount[-1]


def test_accounts_beneath_an_account_stand_in_a_section_of_their_own(books: Books) -> None:
    app = books(1)
    month = ("2026-09-01", "2026-09-30")
    expenses = next(row for row in app.report("ProfitAndLoss", *month)["Rows"]["Row"] if row.get("group") == "Expenses")
    [payroll] = [row for row in expenses["Rows"]["Row"] if row["type"] == "Section"]
    assert [row["ColData"][0]["value"] for row in payroll["Rows"]["Row"]] == ["Employer Cost", "Salaries"]
    assert payroll["Summary"]["ColData"][0]["value"] == "Total Payroll Expenses"
    [ledger] = [
        row
        for row in app.report("GeneralLedger", *month)["Rows"]["Row"]
        if row["Header"]["ColData"][0]["value"] == "Payroll Expenses"
    ]
    assert "id" in ledger["Header"]["ColData"][0]
    assert [row["Header"]["ColData"][0]["value"] for row in ledger["Rows"]["Row"]] == ["Employer Cost", "Salaries"]
    assert all("id" in row["Header"]["ColData"][0] for row in ledger["Rows"]["Row"])


@pytest.mark.parametrize("seed", [1, 3])
def test_the_running_balance_of_a_month_ends_where_the_trial_balance_does(
    books: Callable[[int], App], seed: int
) -> None:
    app = books(seed)
    first, last = date(2026, 8, 1), date(2026, 8, 31)
    true = Ledger(app.sandbox.company.bookkeeping.books(NOW))
    at_the_end = true.trial_balance(last)
    compared = 0
    for section in app.report("GeneralLedger", first, last)["Rows"]["Row"]:
        head, rows = section["Header"]["ColData"][0], section["Rows"]["Row"]
        if rows[-1]["type"] == "Section":
            continue
        owes = true.accounts[head["id"]]["type"] in (
            *("Accounts Payable", "Credit Card", "Other Current Liability", "Long Term Liability", "Equity"),
            *("Income", "Other Income"),
        )
        amount = at_the_end.get(head["id"], 0)
        assert Decimal(rows[-1]["ColData"][7]["value"]) == Decimal(money(-amount if owes else amount))
        compared += 1
    assert compared > 20


def test_a_report_restates_when_the_books_are_edited(serve: Serve) -> None:
    """Bills of long ago are deleted, though they were paid, one of them in another currency."""
    own = Company(3, "tiny")
    period = next(one for one in own.periods if one.first <= date(2025, 2, 20) <= one.last)
    app = App(serve(company=own, now=NOW))
    before = app.report("TrialBalance", period.first, period.last)
    bills = app.all("Bill", f"where TxnDate >= '{period.first}' and TxnDate <= '{period.last}'")
    assert {bill["Balance"] for bill in bills} == {0}
    assert {bill["CurrencyRef"]["value"] for bill in bills} == {"EUR", "USD"}
    for bill in bills:
        own.bookkeeping.happen(Booked(ms(NOW), "Bill", bill["Id"], None))
    after = app.report("TrialBalance", period.first, period.last)
    assert before["Rows"] != after["Rows"]
    assert before["Header"] == after["Header"]
    true = quickbooks_records(own, ms(NOW))["trial_balances"][f"{period.first}/{period.last}"]
    assert QUICKBOOKS["trial_balances"](after) == true


def test_a_report_says_when_it_was_made(books: Books) -> None:
    answer = books(1).report("TrialBalance", "2026-09-01", "2026-09-30")["Header"]
    assert answer["Time"] == "2026-10-14T23:00:00-07:00"
    assert answer["Option"] == [{"Name": "NoReportData", "Value": "false"}]
    nothing = books(1).report("ProfitAndLoss", "2020-01-01", "2020-01-31")
    assert nothing["Header"]["Option"] == [{"Name": "NoReportData", "Value": "true"}]
    assert nothing["Rows"] == {}


def test_months_and_what_no_report_can_do(books: Books) -> None:
    app = books(1)
    monthly = app.report("ProfitAndLoss", "2026-07-10", "2026-09-30", summarize_column_by="Month")
    titles = [column["ColTitle"] for column in monthly["Columns"]["Column"]]
    assert titles == ["", "Jul 2026", "Aug 2026", "Sep 2026", "TOTAL"]
    whole = app.report("ProfitAndLoss", "2026-07-10", "2026-09-30")
    ends = [one["Rows"]["Row"][-1]["Summary"]["ColData"][-1]["value"] for one in (monthly, whole)]
    assert ends[0] == ends[1]
    period = {"start_date": "2026-09-01", "end_date": "2026-09-30"}
    assert app.refused("reports/ProfitAndLoss", **period, summarize_column_by="Customers") == "2170"
    assert app.refused("reports/ProfitAndLoss", **period, accounting_method="Cash") == "2170"
    assert app.refused("reports/ProfitAndLoss", start_date="soon", end_date="later") == "2170"
    assert app.refused("reports/Weather", **period) == "500"


def test_days_that_nobody_named_are_the_year_or_the_month_so_far(books: Books) -> None:
    """It is still 14 October in California."""

    def header(name: str, **named: str) -> dict[str, Any]:
        found: dict[str, Any] = books(1).ask(f"reports/{name}", **named).json()["Header"]
        return {key: found.get(key) for key in ("StartPeriod", "EndPeriod", "DateMacro")}

    year = {"StartPeriod": "2026-01-01", "EndPeriod": "2026-10-14", "DateMacro": "this calendar year-to-date"}
    month = {"StartPeriod": "2026-10-01", "EndPeriod": "2026-10-14", "DateMacro": "this month-to-date"}
    assert header("BalanceSheet") == header("ProfitAndLoss") == year
    assert header("GeneralLedger") == month
    ended = {"StartPeriod": "2025-01-01", "EndPeriod": "2025-03-31", "DateMacro": None}
    assert header("BalanceSheet", end_date="2025-03-31") == ended
    assert books(1).refused("reports/BalanceSheet", date_macro="Last Month") == "2170"


def test_days(books: Books) -> None:
    daily = books(1).report("ProfitAndLoss", "2026-09-28", "2026-10-02", summarize_column_by="Days")
    *days, total = daily["Columns"]["Column"][1:]
    assert [one["ColTitle"] for one in days][::4] == ["Sep 28, 2026", "Oct 2, 2026"]
    assert [{part["Name"]: part["Value"] for part in one["MetaData"]}["StartDate"] for one in days] == [
        *("2026-09-28", "2026-09-29", "2026-09-30", "2026-10-01", "2026-10-02")
    ]
    assert total["ColTitle"] == "TOTAL"
    net = amounts(daily["Rows"]["Row"][-1]["Summary"])
    assert sum(net[:-1]) == net[-1] != 0
    for day, amount in zip(days, net, strict=False):
        first = day["MetaData"][0]["Value"]
        alone = books(1).report("ProfitAndLoss", first, first)["Rows"].get("Row")
        assert amount == (amounts(alone[-1]["Summary"])[-1] if alone else 0)


# -- the balance sheet


def sections(rows: list[dict[str, Any]], found: dict[str, dict[str, Any]] | None = None) -> dict[str, dict[str, Any]]:
    """Every row with a group, at any depth."""
    found = {} if found is None else found
    for row in rows:
        if "group" in row:
            found[row["group"]] = row
        sections(row.get("Rows", {}).get("Row", []), found)
    return found


def accounts_of(row: dict[str, Any]) -> dict[str, list[Decimal]]:
    """Amounts of every account in a section, of those beneath others too."""
    found = {row["ColData"][0]["id"]: amounts(row)} if row.get("ColData", [{}])[0].get("id") else {}
    head = row.get("Header", {"ColData": [{}]})["ColData"][0]
    if head.get("id"):
        found[head["id"]] = amounts(row["Header"])
    for inner in row.get("Rows", {}).get("Row", []):
        found |= accounts_of(inner)
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("last", ["2025-03-31", "2026-09-30"])
def test_a_balance_sheet_is_the_trial_balance_in_another_order(books: Books, seed: int, last: str) -> None:
    """Every account of the balance sheet has the balance that the trial balance has; what the year earned is the rest
    of the trial balance, and the profit and loss of the year so far."""
    app = books(seed)
    rows = app.report("BalanceSheet", "2025-01-01", last)["Rows"]["Row"]
    trial = app.report("TrialBalance", "2025-01-01", last)["Rows"]["Row"][:-1]
    kinds = {row["Id"]: row for row in app.all("Account", "where Active in (true, false)")}
    debits = {row["ColData"][0]["id"]: amounts(row)[0] - amounts(row)[1] for row in trial}
    held = {key: one for key, one in debits.items() if kinds[key]["Classification"] in ("Asset", "Liability", "Equity")}
    shown = {
        key: amount if kinds[key]["Classification"] == "Asset" else -amount
        for row in rows
        for key, [amount] in accounts_of(row).items()
    }
    assert {key: amount for key, amount in shown.items() if amount} == held
    total = {group: amounts(row["Summary"])[0] for group, row in sections(rows).items() if "Summary" in row}
    assert (
        total["TotalAssets"]
        == total["TotalLiabilitiesAndEquity"]
        == sum(amount for key, amount in held.items() if kinds[key]["Classification"] == "Asset")
    )
    assert total["Liabilities"] + total["Equity"] == total["TotalLiabilitiesAndEquity"]
    [earned] = amounts(sections(rows)["NetIncome"])
    assert earned == -sum(amount for key, amount in debits.items() if key not in held)
    end, start = date.fromisoformat(last), app.sandbox.company.bookkeeping.year_start
    first = date(end.year - (end.month < start), start, 1)
    year = app.report("ProfitAndLoss", first, last)["Rows"]["Row"][-1]
    assert amounts(year["Summary"])[-1] == earned != 0


def test_a_balance_sheet_by_month_has_the_balance_of_each_month(books: Books) -> None:
    app = books(1)
    monthly = app.report("BalanceSheet", "2026-07-01", "2026-09-30", summarize_column_by="Month")
    assert [column["ColTitle"] for column in monthly["Columns"]["Column"]] == ["", "Jul 2026", "Aug 2026", "Sep 2026"]
    by_month = {
        group: amounts(row["Summary"]) for group, row in sections(monthly["Rows"]["Row"]).items() if "Summary" in row
    }
    for place, last in enumerate(("2026-07-31", "2026-08-31", "2026-09-30")):
        alone = sections(app.report("BalanceSheet", last, last)["Rows"]["Row"])
        for group in ("TotalAssets", "CurrentAssets", "BankAccounts", "Liabilities", "Equity"):
            assert by_month[group][place] == amounts(alone[group]["Summary"])[0]
    assert monthly["Header"]["SummarizeColumnsBy"] == "Month"
    nothing = app.report("BalanceSheet", "2020-01-01", "2020-01-31")
    assert nothing["Rows"] == {}
    period = {"start_date": "2026-09-01", "end_date": "2026-09-30"}
    assert app.refused("reports/BalanceSheet", **period, summarize_column_by="Classes") == "2170"


# -- the general ledger


MONTH = ("2026-09-01", "2026-09-30")
ASKED = "memo,tx_date,txn_type,klass_name,dept_name,account_name,debt_amt,credit_amt,debt_home_amt,credit_home_amt"


def test_a_ledger_has_the_columns_that_were_asked_for_and_the_company_has(books: Books) -> None:
    """The order is the report's own, and amounts of another currency than the books' are left out without a word."""
    report = books(1).report("GeneralLedger", *MONTH, columns=ASKED)
    home = ["debt_home_amt", "credit_home_amt"]
    assert keys(report) == ["tx_date", "txn_type", "memo", "account_name", "klass_name", "dept_name", *home]
    assert "debt_amt" not in keys(report)
    usual = [one["ColType"] for one in books(1).report("GeneralLedger", *MONTH)["Columns"]["Column"]]
    assert usual[-2:] == ["subt_nat_amount", "rbal_nat_amount"]
    assert "klass_name" not in usual


def test_rows_of_a_ledger_bear_ids_and_balances_brought_forward_bear_none(books: Books) -> None:
    rows = rows_of(books(1).report("GeneralLedger", *MONTH, columns=ASKED))
    brought = [row for row in rows if row["tx_date"]["value"] == "Beginning Balance"]
    posted = [row for row in rows if row not in brought]
    assert len(brought) > 5
    assert not any("id" in row["txn_type"] for row in brought)
    assert all(row["txn_type"]["id"] and row["account_name"]["id"] for row in posted)
    assert {row["klass_name"]["id"] != "" for row in posted} == {True, False}
    assert {row["dept_name"]["id"] != "" for row in posted} == {True, False}
    paid = [row for row in posted if row["txn_type"]["value"] == "Credit Card Payment"]
    assert len({row["txn_type"]["id"] for row in paid}) * 2 == len(paid) > 0


def test_words_of_a_ledger_are_the_companys_and_keys_are_not(serve: Serve) -> None:
    app = App(serve(company=Company(1, "tiny"), now=NOW))
    english = app.report("GeneralLedger", *MONTH, columns=ASKED)
    app.sandbox.vendors["quickbooks"].language = "fr"
    french = app.report("GeneralLedger", *MONTH, columns=ASKED)
    assert keys(french) == keys(english)
    titles = [column["ColTitle"] for column in french["Columns"]["Column"]]
    assert titles[:2] == ["Date", "Type d'opération"]
    rows = rows_of(french)
    assert {row["txn_type"]["id"] for row in rows if "id" in row["txn_type"]} == {
        row["txn_type"]["id"] for row in rows_of(english) if "id" in row["txn_type"]
    }
    assert "Facture" in {row["txn_type"]["value"] for row in rows}


def test_what_a_ledger_can_not_hold_is_a_row_that_says_so(serve: Serve) -> None:
    app = App(serve(company=Company(1, "tiny"), now=NOW))
    app.sandbox.vendors["quickbooks"].most_cells = 80
    report = app.report("GeneralLedger", *MONTH, columns=ASKED)
    *rows, last = rows_of(report)
    assert last["tx_date"]["value"].startswith("Unable to display more data")
    assert len([row for row in rows if row["txn_type"].get("id")]) == 10


def test_what_no_document_tells_is_in_the_ledger_alone(books: Books) -> None:
    rows = rows_of(books(1).report("GeneralLedger", *MONTH, columns=ASKED))
    untold = [row for row in rows if row["txn_type"]["value"] in ("Sales Tax Payment", "Payroll Adjustment")]
    assert len(untold) == 4
    for kind in ("SalesTaxPayment", "PayrollAdjustment"):
        assert books(1).refused(query=f"select * from {kind}") == "4001"
        assert books(1).refused("cdc", entities=kind, changedSince="2026-10-01T00:00:00Z") == "2170"


def test_payments_of_a_card_are_answered_under_another_name(books: Books) -> None:
    found = books(1).query("select * from CreditCardPayment maxresults 1000")
    assert "CreditCardPayment" not in found
    [paid, *_] = found["CreditCardPaymentTxn"]
    assert {"CreditCardAccountRef", "BankAccountRef", "Amount"} <= paid.keys()
    assert not {"TotalAmt", "Line"} & paid.keys()


def test_documents_say_no_more_than_quickbooks_lets_them(books: Books) -> None:
    """No invoice names its receivables account, no deposit in another currency its rate; a payment of nothing stands in
    the ledger under no account."""
    app = books(1)
    assert not [row for row in app.all("Invoice") if "ARAccountRef" in row]
    [foreign] = [row for row in app.all("Deposit") if "HomeTotalAmt" in row]
    assert "ExchangeRate" not in foreign
    assert foreign["HomeTotalAmt"] != foreign["TotalAmt"]
    [kept] = [row for row in app.all("Deposit") if "CashBack" in row]
    assert sum(line["Amount"] for line in kept["Line"]) == kept["TotalAmt"] + kept["CashBack"]["Amount"]
    [link] = [row for row in app.all("Payment") if not row["TotalAmt"]]
    assert [line["LinkedTxn"][0]["TxnType"] for line in link["Line"]] == ["Invoice", "CreditMemo"]
    day = date.fromisoformat(link["TxnDate"])
    report = app.report("GeneralLedger", day, day, columns=ASKED)
    [row] = [row for row in rows_of(report) if row["txn_type"].get("id") == link["Id"]]
    assert "id" not in row["account_name"]
    [bundle] = [line for row in app.all("Invoice") for line in row["Line"] if line["DetailType"] == "GroupLineDetail"]
    assert bundle["Amount"] == sum(line["Amount"] for line in bundle["GroupLineDetail"]["Line"])
