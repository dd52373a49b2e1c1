"""QuickBooks' reports: trial balance, balance sheet and profit and loss, as trees of cells of text.

Belongs here: how postings become rows. Does not: what a document posts (postings.py), the general ledger (ledger.py),
how a balance sheet is arranged (balance_sheet.py). A report is made anew from the books as they stand: what was edited
yesterday in a period of last year changes that year's report today.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sandbox.timestamps import local_date
from sandbox.transport import Call
from sandbox.vendors.quickbooks.balance_sheet import ASSETS, EQUITY, LIABILITIES_AND_EQUITY, Part
from sandbox.vendors.quickbooks.ledger import LedgerReport, natural
from sandbox.vendors.quickbooks.postings import Document, LedgerPosting, Poster
from sandbox.vendors.quickbooks.query import fault
from sandbox.vendors.quickbooks.render import ZONE, timestamp

# The order in which accounts stand, and the sections of profit and loss.
BALANCE = (
    *("Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Accounts Payable", "Credit Card"),
    *("Other Current Liability", "Long Term Liability", "Equity"),
)
SECTIONS = {
    "Income": ("Income", "Income", "Total Income", 1),
    "Cost of Goods Sold": ("COGS", "Cost of Goods Sold", "Total Cost of Goods Sold", -1),
    "Expense": ("Expenses", "Expenses", "Total Expenses", -1),
    "Other Income": ("OtherIncome", "Other Income", "Total Other Income", 1),
    "Other Expense": ("OtherExpenses", "Other Expenses", "Total Other Expenses", -1),
}
RESULTS = {
    "Cost of Goods Sold": ("GrossProfit", "Gross Profit", ("Income", "Cost of Goods Sold")),
    "Expense": ("NetOperatingIncome", "Net Operating Income", ("Income", "Cost of Goods Sold", "Expense")),
    "Other Expense": ("NetOtherIncome", "Net Other Income", ("Other Income", "Other Expense")),
}
ORDER = (*BALANCE, *SECTIONS)
STEPS: dict[str, Callable[[date], str]] = {
    "Month": lambda day: f"{day:%b %Y}",
    "Days": lambda day: f"{day:%b} {day.day}, {day.year}",
}
"""What a column of a time is called."""
NOTHING = Decimal(0)
Keyed = Callable[[LedgerPosting], str]
ACCOUNT: Document = {"ColTitle": "", "ColType": "Account", "MetaData": [{"Name": "ColKey", "Value": "account"}]}


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    key: str
    first: date | None = None
    last: date | None = None

    @property
    def shown(self) -> Document:
        about = [{"Name": "ColKey", "Value": self.key}]
        if self.first is not None:
            dates = {"StartDate": str(self.first), "EndDate": str(self.last)}
            about = [{"Name": name, "Value": value} for name, value in dates.items()] + about
        return {"ColTitle": self.title, "ColType": "Money", "MetaData": about}


class Reports:
    """The reports of the books as one set of documents has them."""

    def __init__(
        self, documents: Mapping[str, Sequence[Document]], chosen: Mapping[str, str], most_cells: int, language: str
    ) -> None:
        self.documents, self.most_cells, self.language = documents, most_cells, language
        self.accounts = {account["Id"]: account for account in documents["Account"]}
        self.order = sorted(
            self.accounts.values(), key=lambda one: (ORDER.index(one["AccountType"]), one["FullyQualifiedName"])
        )
        self.postings = sorted(Poster(documents, chosen).postings(), key=lambda posting: posting.day)
        self.retained = next(one["Id"] for one in self.order if one["AccountSubType"] == "RetainedEarnings")
        months = [str(date(2000, month, 1).strftime("%B")) for month in range(1, 13)]
        self.year_start = months.index(documents["CompanyInfo"][0]["FiscalYearStartMonth"]) + 1
        self.home = documents["Preferences"][0]["CurrencyPrefs"]["HomeCurrency"]["value"]

    def report(self, name: str, call: Call) -> Document:
        made = {"TrialBalance": self._trial, "ProfitAndLoss": self._profit, "BalanceSheet": self._sheet}
        if name not in (*made, "GeneralLedger"):
            raise fault("Unsupported Operation", f"Report {name} is not supported.", "500")
        if call.one("accounting_method") not in (None, "Accrual"):
            raise fault("Invalid Request", "The books of this company are kept on accrual basis", "2170")
        first, last, macro = asked_days(name, call)
        if name == "GeneralLedger":
            columns, rows = self._ledger(first, last, (call.one("columns") or "").split(","))
        else:
            columns, rows = made[name](first, last, call.one("summarize_column_by") or "Total")
        header: Document = {"Time": timestamp(call.now), "ReportName": name, **macro, "ReportBasis": "Accrual"}
        header |= {"StartPeriod": str(first), "EndPeriod": str(last)}
        if name in ("ProfitAndLoss", "BalanceSheet"):
            header["SummarizeColumnsBy"] = call.one("summarize_column_by") or "Total"
        options = [{"Name": "AccountingStandard", "Value": "GAAP"}] if name == "BalanceSheet" else []
        options.append({"Name": "NoReportData", "Value": str(not rows).lower()})
        header |= {"Currency": self.home, "Option": options}
        return {"Header": header, "Columns": {"Column": columns}, "Rows": {"Row": rows} if rows else {}}

    def _year(self, day: date) -> date:
        """The first day of QuickBooks' fiscal year that holds a day."""
        return date(day.year - (day.month < self.year_start), self.year_start, 1)

    def _balances(self, last: date) -> dict[str, Decimal]:
        """Every account at the end of a day; what earlier years earned is in retained earnings."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        begun = self._year(last)
        for posting in self.postings:
            if posting.day <= last:
                earlier = posting.day < begun and self.accounts[posting.account]["AccountType"] in SECTIONS
                found[self.retained if earlier else posting.account] += posting.amount
        return found

    def _ledger(self, first: date, last: date, asked: Sequence[str]) -> tuple[list[Document], list[Document]]:
        before = self._balances(first - timedelta(days=1))
        if self._year(first) > self._year(first - timedelta(days=1)):  # a year begins: nothing is earned in it yet
            for account in self.order:
                if account["AccountType"] in SECTIONS:
                    before[self.retained] += before.pop(account["Id"], NOTHING)
        postings = [posting for posting in self.postings if first <= posting.day <= last]
        report = LedgerReport(self.documents, self.order, asked, self.language)
        links = [
            row
            for row in self.documents["Payment"]
            if not row["TotalAmt"] and row["Line"] and first <= date.fromisoformat(row["TxnDate"]) <= last
        ]
        return report.columns, report.rows(before, postings, links, self.most_cells)

    # -- trial balance: one flat row an account

    def _trial(self, first: date, last: date, by: str) -> tuple[list[Document], list[Document]]:
        found = self._balances(last)
        rows, sums = [], [NOTHING, NOTHING]
        for account in self.order:
            amount = found.get(account["Id"], NOTHING)
            if amount:
                sums[amount < 0] += abs(amount)
                sides = [cell(amount), cell(NOTHING)] if amount > 0 else [cell(NOTHING), cell(-amount)]
                rows.append(data([{"value": account["FullyQualifiedName"], "id": account["Id"]}, *sides]))
        if rows:
            total = [{"value": "TOTAL"}, *(cell(amount, True) for amount in sums)]
            rows.append({"Summary": {"ColData": total}, "type": "Section", "group": "GrandTotal"})
        columns = [{"ColTitle": "", "ColType": "Account"}]
        return [*columns, *({"ColTitle": side, "ColType": "Money"} for side in ("Debit", "Credit"))], rows

    # -- balance sheet: sections of sections of accounts, each at the end of a column's days

    def _sheet(self, first: date, last: date, by: str) -> tuple[list[Document], list[Document]]:
        if by == "Classes":
            raise fault("Invalid Request", f"summarize_column_by {by} is not supported", "2170")
        columns = [one for one in self._columns([], first, last, by)[0] if one.last] or [Column("Total", "total")]
        found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        earned: dict[str, Decimal] = defaultdict(Decimal)
        for column in columns:
            for number, amount in self._balances(column.last or last).items():
                if self.accounts[number]["AccountType"] in SECTIONS:
                    earned[column.key] -= amount
                elif amount:
                    found[number][column.key] = natural(self.accounts[number], amount)
        tops = [self._part(part, found, earned, columns) for part in (ASSETS, LIABILITIES_AND_EQUITY)]
        return [ACCOUNT, *(one.shown for one in columns)], [row for row, _ in tops] if found else []

    def _part(
        self,
        part: Part,
        found: Mapping[str, Mapping[str, Decimal]],
        earned: Mapping[str, Decimal],
        columns: Sequence[Column],
    ) -> tuple[Document, Mapping[str, Decimal]]:
        """A section and what it comes to."""
        inside = [one for one in self.order if one["AccountType"] == part.type and one["Id"] in found]
        rows, sums = self._section(inside, found, columns), [found[one["Id"]] for one in inside]
        for one in part.parts:
            row, amounts = self._part(one, found, earned, columns)
            if row["Rows"]["Row"]:
                rows.append(row)
                sums.append(amounts)
        if part is EQUITY:
            cells = [{"value": "Net Income"}, *(cell(earned[column.key]) for column in columns)]
            rows.append(data(cells) | {"group": "NetIncome"})
            sums.append(earned)
        total = added(sums)
        head = {"ColData": [{"value": part.title}, *({"value": ""} for _ in columns)]}
        summary = summed(part.total, total, columns)
        return {"Header": head, "Rows": {"Row": rows}, **summary, "type": "Section", "group": part.group}, total

    # -- profit and loss: sections, accounts beneath accounts, and results between the sections

    def _profit(self, first: date, last: date, by: str) -> tuple[list[Document], list[Document]]:
        used = [
            posting
            for posting in self.postings
            if first <= posting.day <= last and self.accounts[posting.account]["AccountType"] in SECTIONS
        ]
        columns, key = self._columns(used, first, last, by)
        found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for posting in used:
            sign = -SECTIONS[self.accounts[posting.account]["AccountType"]][3]
            for place in {key(posting), "total"}:
                found[posting.account][place] += sign * posting.amount
        rows: list[Document] = []
        sums: dict[str, dict[str, Decimal]] = {}
        for type_, (group, title, total, _) in SECTIONS.items():
            inside = [one for one in self.order if one["AccountType"] == type_ and one["Id"] in found]
            sums[type_] = added([found[one["Id"]] for one in inside])
            if inside:
                section = self._section(inside, found, columns)
                head = {"ColData": [{"value": title}, *({"value": ""} for _ in columns)]}
                summary = summed(total, sums[type_], columns)
                rows.append({"Header": head, "Rows": {"Row": section}, **summary, "type": "Section", "group": group})
            if type_ in RESULTS and used:
                group, title, types = RESULTS[type_]
                result = added([signed(sums[one], SECTIONS[one][3]) for one in types])
                rows.append({**summed(title, result, columns), "type": "Section", "group": group})
        if used:
            result = added([signed(sums[one], SECTIONS[one][3]) for one in SECTIONS])
            rows.append({**summed("Net Income", result, columns), "type": "Section", "group": "NetIncome"})
        return [ACCOUNT, *(one.shown for one in columns)], rows

    def _columns(self, used: Sequence[LedgerPosting], first: date, last: date, by: str) -> tuple[list[Column], Keyed]:
        total = Column("TOTAL" if by != "Total" else "Total", "total")
        if by == "Total":
            return [total], lambda posting: "total"
        if by == "Classes":
            names = {one["Id"]: one["Name"] for one in self.documents["Class"]}
            seen = {posting.product for posting in used}
            classes = [Column(name, number) for number, name in names.items() if number in seen]
            rest = [Column("Not Specified", "0")] if "" in seen else []
            return [*classes, *rest, total], lambda posting: posting.product or "0"
        if by in STEPS:
            parts, day = [], first
            while day <= last:
                after = day + timedelta(days=1)
                if by == "Month":
                    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
                parts.append(Column(STEPS[by](day), STEPS[by](day), day, min(last, after - timedelta(days=1))))
                day = after
            return [*parts, total], lambda posting: STEPS[by](posting.day)
        raise fault("Invalid Request", f"summarize_column_by {by} is not supported", "2170")

    def _section(
        self, inside: Sequence[Document], found: Mapping[str, Mapping[str, Decimal]], columns: Sequence[Column]
    ) -> list[Document]:
        """Rows of accounts; those beneath an account stand in a section of its own."""
        rows: list[Document] = []
        beneath: dict[str, list[Document]] = defaultdict(list)
        for one in inside:
            beneath[one["ParentRef"]["value"] if one["SubAccount"] else one["Id"]].append(one)
        for top, group in beneath.items():
            if [one["Id"] for one in group] == [top]:
                rows.append(self._row(group[0], found[top], columns))
                continue
            parent = self.accounts[top]
            children = [self._row(one, found[one["Id"]], columns) for one in group if one["SubAccount"]]
            head = self._row(parent, found.get(top, {}), columns)["ColData"]
            total = summed(f"Total {parent['Name']}", added([found[one["Id"]] for one in group]), columns)
            rows.append({"Header": {"ColData": head}, "Rows": {"Row": children}, **total, "type": "Section"})
        return rows

    def _row(self, account: Document, amounts: Mapping[str, Decimal], columns: Sequence[Column]) -> Document:
        cells = [cell(amounts.get(column.key, NOTHING)) for column in columns]
        return data([{"value": account["Name"], "id": account["Id"]}, *cells])


def asked_days(name: str, call: Call) -> tuple[date, date, Document]:
    """The days of a report, and what the vendor calls them where nobody named any, as recorded: the month so far of a
    general ledger, the year so far of the others."""
    if call.one("date_macro"):
        raise fault("Invalid Request", "date_macro is not supported here; name start_date and end_date", "2170")
    last = bound(call, "end_date") or local_date(call.now, ZONE)
    of = "month" if name == "GeneralLedger" else "calendar year"
    first = bound(call, "start_date") or last.replace(day=1, month=last.month if of == "month" else 1)
    is_usual = not call.one("start_date") and not call.one("end_date")
    return first, last, {"DateMacro": f"this {of}-to-date"} if is_usual else {}


def bound(call: Call, name: str) -> date | None:
    try:
        return date.fromisoformat(call.one(name) or "") if call.one(name) else None
    except ValueError:
        raise fault("Invalid Request", f"{name} is not a date", "2170") from None


def cell(amount: Decimal, is_shown: bool = False) -> Document:
    """Text; nothing is empty text, but in totals."""
    return {"value": f"{amount:.2f}" if amount or is_shown else ""}


def data(cells: list[Document]) -> Document:
    return {"ColData": cells, "type": "Data"}


def summed(title: str, amounts: Mapping[str, Decimal], columns: Sequence[Column]) -> Document:
    cells = [cell(amounts.get(column.key, NOTHING), True) for column in columns]
    return {"Summary": {"ColData": [{"value": title}, *cells]}}


def added(rows: Sequence[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        for key, amount in row.items():
            found[key] += amount
    return found


def signed(amounts: Mapping[str, Decimal], sign: int) -> dict[str, Decimal]:
    return {key: sign * amount for key, amount in amounts.items()}
