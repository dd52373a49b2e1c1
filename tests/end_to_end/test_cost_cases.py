"""Cost as other companies have it: each case of tests/cases/cost that says what products cost is served, landed and
built, and what its products cost is what the case says, under each switch that it names.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Belongs here: serving them all as one company, each in years of its own, so that nobody of one case works in another.
Does not: the made-up company (test_company_2.py), cases of people and of the files alone.
A failure means that a company with such books publishes a wrong cost of its products. No test shows a single pay.
"""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sources import LoadOptions, load_source
from sandbox.transport import Call
from sandbox.vendors.quickbooks.reports import Reports
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by
from tests.ingestion.sources import company_folder as files
from tests.ingestion.sources.hr_account import FIELDS, People
from tests.ingestion.sources.quickbooks_books import Books

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/cost").glob("*.json")
}
BEFORE_THE_RAISE, AFTER_IT = datetime(2026, 5, 11, 6, tzinfo=UTC), datetime(2026, 5, 13, 6, tzinfo=UTC)
NOW = datetime(2027, 2, 10, 6, tzinfo=UTC)
# A case with people has two years, those of the case so many years before; one without has the first year of another.
WITH_PEOPLE = (
    *("pay07", "led08", "led09", "led09 as one sum", "led24", "led24 ignored", "con13", "cpx18", "cpx18 unclassed"),
    *("fx23", "shr14", "shr15", "hr04", "pay06"),
)
SHIFTS = {name: 2 * place for place, name in enumerate(WITH_PEOPLE)}
SHIFTS |= {"led10": 3, "led11": 5, "led12": 7, "ai19": 9}
IGNORING = ("led09 as one sum", "led24 ignored")
"""Their years have other rules: all payroll is one sum, and what classes brought is not looked at."""
SWITCHES = {"classes_inherit": "true", "contractor_bills_follow_team": "false", "closed_periods": "as_closed"}
PAYABLE, RETAINED = "9001", "9002"
Given = dict[str, Any]


class ShiftedCase:
    """A case with ids that no other case has, in years that no other case with people has."""

    def __init__(self, name: str) -> None:
        self.name, self.number = name, 11 + list(SHIFTS).index(name)
        self.given = deepcopy(CASES[name.split()[0]]["input"])
        self.company, self.hr = self.given["company"], self.given.get("bamboohr", {})
        self.books = self.given.get("quickbooks", {})
        if name == "cpx18 unclassed":
            credit = self.books["JournalEntry"][1]["Line"][1]["JournalEntryLineDetail"]
            assert credit["PostingType"] == "Credit"
            del credit["ClassRef"]
        if name == "shr14":
            self.company["teams.csv"] = [files.TEAM, "T-ALPHA,Alpha,stream,engineering,,2025-01-01,"]
            self.company["team_products.csv"] = self.given["variants"]["C"]
            self.company["account_map.csv"] = CASES["shr15"]["input"]["company"]["account_map.csv"]
            self.hr = deepcopy(CASES["shr15"]["input"]["bamboohr"])
            self.books = deepcopy(CASES["shr15"]["input"]["quickbooks"])
            for line in self.books["JournalEntry"][0]["Line"]:
                line["Amount"] = float(self.given["payroll_of_the_team_in_the_period"])
        # Bills had a period when the case was written: its first day and the day after its last.
        spend = list(csv.DictReader(self.company.get("ai_spend.csv", ())))
        months = [int(row["period"].removeprefix("FY26-P")) for row in spend]
        self.company["ai_spend.csv"] = [files.SPEND] + [
            f"{row['vendor']},2026-{month:02d}-01,{2026 + month // 12}-{month % 12 + 1:02d}-01,"
            f"{row['team_id']},,{row['amount']},{row['currency']}"
            for row, month in zip(spend, months, strict=True)
        ]
        if spend:
            self.company["teams.csv"] = [files.TEAM]
            for team in sorted({row["team_id"] for row in spend}):
                self.company["teams.csv"].append(f"{team},{team},stream,engineering,,2025-01-01,")

    def day(self, day: str) -> str:
        return f"{int(day[:4]) - SHIFTS[self.name]}{day[4:]}" if day else ""

    def period(self, period: str) -> str:
        return f"FY{int(period[2:4]) - SHIFTS[self.name]:02d}{period[4:]}"

    def id(self, number: str) -> str:
        return f"{self.number}{int(number):05d}"

    def named(self, name: str) -> str:
        return f"{self.number}.{name}" if name else ""

    def rows(self, file: str) -> list[dict[str, str]]:
        header, *lines = self.company.get(f"{file}.csv", [""])
        rows = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
        days = ("valid_from", "valid_to", "from", "to")
        return [row | {name: self.day(row[name]) for name in days if name in row} for row in rows]

    # -- the company's files

    def files(self) -> dict[str, list[str]]:
        """Lines by file."""
        found: dict[str, list[str]] = defaultdict(list)
        products = {row["product_id"] for file in ("team_products", "product_map") for row in self.rows(file)}
        found["products"] = [f"{self.named(product)},{product},product,,,,," for product in sorted(products)]
        for file, names, ids in (
            ("teams", ("team_id", "name"), ()),
            ("team_products", ("team_id", "product_id"), ()),
            ("account_map", (), ("account",)),
            ("product_map", ("product_id",), ("key",)),
            ("vendor_map", ("worker_id",), ("key",)),
            ("worker_map", ("worker_id",), ("key",)),
            ("ai_spend", ("team_id",), ()),
        ):
            for row in self.rows(file):
                row |= {name: self.named(row[name]) for name in names} | {name: self.id(row[name]) for name in ids}
                found[file].append(",".join(row.values()))
        return found

    # -- people

    def put_people(self, people: People, is_before_the_raise: bool) -> None:
        for row in self.hr.get("employmentStatus", ()):
            key = self.id(row["employeeId"])
            people.employees[key] = {"employeeId": key, "status": "Active", **dict.fromkeys(FIELDS, f"of {key}")}
            for table in people.rows.values():
                table[key] = []
        late = {row for row, day in self.hr.get("first landed", {}).items() if day > str(BEFORE_THE_RAISE.date())}
        for table, known in people.rows.items():
            for row in self.hr.get(table, ()):
                if not (is_before_the_raise and row["id"] in late and table == "compensation"):
                    key, named = self.id(row["employeeId"]), {}
                    if table == "jobInfo":
                        named["department"] = self.named(row["department"])
                    days = {name: self.day(row[name]) for name in ("date", "startDate") if name in row}
                    known[key].append(row | {"employeeId": key} | named | days)
        if SHIFTS[self.name]:
            for key, rows in people.rows["employmentStatus"].items():
                if key.startswith(str(self.number)):
                    last = {"date": self.day("2026-12-31"), "employmentStatus": "Terminated"}
                    rows.append({"id": "99000", "employeeId": key, **last})

    # -- books

    def put_books(self, books: "CaseBooks") -> None:
        types = {row["account"]: row["statement_group"] for row in self.rows("account_map")}
        kinds = {"cost_of_revenue": "Cost of Goods Sold", "operating_expense": "Expense", "asset": "Fixed Asset"}
        said = {row["Id"]: row for row in self.books.get("Account", ())}
        for number in {*types, *said, "10", "24", "25"}:
            known = said.get(number, {})
            kind = known.get("AccountType") or kinds.get(types.get(number, ""), "Other Current Liability")
            books.account(self.id(number), self.named(known.get("Name", number)), kind)
        classes = self.books.get("Class", [{"Id": row["key"], "Name": row["key"]} for row in self.rows("product_map")])
        for row in classes:
            above = {"ParentRef": {"value": self.id(row["ParentRef"]["value"])}} if "ParentRef" in row else {}
            full = self.named(row.get("FullyQualifiedName", row["Name"]))
            name = {"Name": self.named(row["Name"]), "FullyQualifiedName": full, "SubClass": bool(above)}
            books.put("Class", int(self.id(row["Id"])), **name, **above)
        for kind in ("JournalEntry", "Bill", "VendorCredit", "Purchase"):
            for row in self.books.get(kind, ()):
                books.put(kind, int(self.id(row["Id"])), **self.document(kind, row, books))
        for place, row in enumerate(self.books.get("reports/GeneralLedger 2026-03", [{"rows": []}])[0]["rows"]):
            if row["txn_type"] == "Payroll Check":
                sides = (("Debit", "60"), ("Credit", "10"))
                lines = [self.side(float(row["amount"]), account, PostingType=side) for side, account in sides]
                books.paychecks.append(
                    {"Id": self.id(str(900 + place)), "TxnDate": self.day(row["tx_date"]), "Line": lines}
                )

    def side(self, amount: float, account: str, **detail: str) -> Given:
        detail_ = {**detail, "AccountRef": {"value": self.id(account)}}
        return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail_}

    def document(self, kind: str, row: Given, books: "CaseBooks") -> Given:
        """A document with what the case leaves out."""
        found: Given = {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": 1, **row, "TxnDate": self.day(row["TxnDate"])}
        del found["Id"]
        for line in found["Line"]:
            for name, reference in line[line["DetailType"]].items():
                if name in ("AccountRef", "ClassRef"):
                    reference["value"] = self.id(reference["value"])
        if kind != "JournalEntry":
            found["TotalAmt"] = sum(line["Amount"] for line in found["Line"])
        if "VendorRef" in found:
            vendor = self.id(found["VendorRef"]["value"])
            books.put("Vendor", int(vendor), DisplayName=f"Vendor {vendor}")
            found["VendorRef"] = {"value": vendor, "name": f"Vendor {vendor}"}
            found["APAccountRef"] = {"value": PAYABLE}
        if "AccountRef" in found:
            found = {"Credit": False} | found | {"AccountRef": {"value": self.id(found["AccountRef"]["value"])}}
        return found


class CaseBooks(Books):
    """Books whose reports are made of their documents as the made-up company's are; ``paychecks`` are in the reports
    alone."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        super().__init__(home, environment)
        self.now, self.paychecks = NOW, list[Given]()
        self.company["FiscalYearStartMonth"] = "January"
        tracking = {"ClassTrackingPerTxn": False, "ClassTrackingPerTxnLine": True, "TrackDepartments": False}
        currencies = {"HomeCurrency": {"value": "EUR"}, "MultiCurrencyEnabled": True}
        self.preferences |= {"AccountingInfoPrefs": tracking, "CurrencyPrefs": currencies}
        self.account(PAYABLE, "Accounts Payable", "Accounts Payable", "AccountsPayable")
        self.account(RETAINED, "Retained Earnings", "Equity", "RetainedEarnings")
        self.set(PAGE_SIZE="1000")
        self._made: Reports | None = None

    def account(self, number: str, name: str, kind: str, subtype: str = "Other") -> None:
        side = "Expense" if "Expense" in kind or "Cost" in kind else "Asset"
        side = "Liability" if "Liability" in kind or "Payable" in kind or "Credit" in kind else side
        described = {"Name": name, "FullyQualifiedName": name, "AccountType": kind, "AccountSubType": subtype}
        shown = {"Classification": "Equity" if kind == "Equity" else side, "CurrencyRef": {"value": "EUR"}}
        self.put("Account", int(number), SubAccount=False, **described, **shown)

    def _reported(self, name: str, request: Request) -> Response:
        if self._made is None:
            records = {kind: list(known.values()) for kind, known in self.records.items()}
            records |= {"Preferences": [self.preferences], "CompanyInfo": [self.company]}
            records["PayrollAdjustment"] = self.paychecks
            documents = json.loads(json.dumps(records), parse_float=Decimal)
            self._made = Reports(defaultdict(list, documents), {}, 400_000, "en")
        asked = {key: [value] for key, value in request.query_params.items()}
        at = int(self.now.timestamp() * 1000)
        call = Call("quickbooks", "GET", request.url.path, asked, b"", None, "", at)
        return JSONResponse(self._made.report(name, call))


def written(folder: Path, cases: list[ShiftedCase], switches: dict[str, str]) -> None:
    """The files of the one company that all cases are."""
    headers = {
        "products": files.PRODUCT,
        "product_map": files.MAP,
        "teams": files.TEAM,
        "team_products": files.SHARES,
        "account_map": files.ACCOUNTS,
        "vendor_map": files.VENDORS,
        "worker_map": "source,key,worker_id,valid_from,valid_to",
        "ai_spend": files.SPEND,
    }
    lines = {file: [line for case in cases for line in case.files()[file]] for file in headers}
    folder.mkdir(parents=True, exist_ok=True)
    for file, header in headers.items():
        (folder / f"{file}.csv").write_text("\n".join([header, *lines[file]]) + "\n")
    policy = {"reporting_time_zone": "Europe/Berlin", "reporting_currency": "EUR"} | switches
    (folder / "policy.yml").write_text(yaml.safe_dump(policy))
    (folder / "fiscal_calendar.yml").write_text("pattern: months\nstart_month: 1\nfirst_fiscal_year: FY00\n")
    ignoring = {2026 - SHIFTS[name] for name in IGNORING}
    versions: list[Given] = [{"version": "first"}]
    for year in sorted(ignoring):
        off = {"payroll": {"by_function": "false", "classed": "ignored"}}
        versions += [{"version": f"{year}", "valid_from": f"{year}-01-01", **off}]
        versions += [{"version": f"after {year}", "valid_from": f"{year + 1}-01-01"}]
    (folder / "allocation_rules.yml").write_text(yaml.safe_dump({"versions": versions}))
    case = next(one for one in cases if one.name == "fx23")
    rates = {case.day(day): known for day, known in case.given["ecb per euro"].items()}
    first = date.fromisoformat(case.day("2025-01-31"))
    for month in range(24):  # a case has the rates that it is about, a company those of every month's end
        after = date(first.year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
        rates.setdefault(str(after - timedelta(days=1)), rates[case.day("2026-05-29")])
    rows = [f"{day},{currency},{rate}" for day, known in sorted(rates.items()) for currency, rate in known.items()]
    (folder / "rates.csv").write_text("\n".join(["date,currency,rate", *rows]) + "\n")


SPEND = """
    select
        fiscal_period, vendor_name, split_part(team_id, '.', 2) as team, ledger_amount, file_amount, not_in_file,
        not_in_ledger
    from warehouse.marts.mart_ai_spend
"""
PREPAID = """
    select cast(sum(amount_home_minor) as decimal(18, 2)) / 100 from warehouse.intermediate.fct_gl_line
    where account_id = ? and posting_date <= ?
"""


class Built:
    """What each case's products cost, and what mart_ai_spend says of tools."""

    def __init__(self, home: Path, cases: list[ShiftedCase], *, is_spend_built: bool = False) -> None:
        self.cases = {case.name: case for case in cases}
        query = (
            "select fiscal_period, split_part(product_id, '.', 2) as product, product_id, stage, statement_group, "
            "cost_type, cast(amount_minor as decimal(18, 2)) / 100 from restricted.intermediate.fct_allocation "
            "where scenario_id = 'actual'"
        )
        with duckdb.connect() as connection:
            connection.execute(f"attach '{home}/restricted/people.duckdb' as restricted (read_only)")
            connection.execute(f"attach '{home}/warehouse.duckdb' as warehouse (read_only)")
            self.rows = connection.execute(query).fetchall()
            self.spend = connection.execute(SPEND).fetchall() if is_spend_built else []
            self.prepaid = connection.execute(PREPAID, [cases[-1].id("14"), cases[-1].day("2026-12-31")]).fetchone()
            self.differences = connection.execute(
                "select fiscal_period, proof, account_name, suspect "
                "from warehouse.intermediate.int_ledger_differences_found"
            ).fetchall()

    def tools(self, name: str, year: str) -> dict[str, dict[str, tuple[str, ...]]]:
        """By period of the case's year and team: the ledger and the file, and what only one of them knows."""
        found: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        for period, _, team, *amounts in self.spend:
            if period.startswith(self.cases[name].period(year)):
                found[period[-3:]][team] = tuple(f"{amount:.2f}" for amount in amounts)
        return found

    def cost(self, name: str, period: str, **only: str) -> dict[str, str]:
        """By product, in a period of the case; ``only`` of a stage, a statement_group or a cost_type."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        wanted = self.cases[name].period(period)
        for row_period, product, whole, stage, group, kind, amount in self.rows:
            known = {"stage": stage, "statement_group": group, "cost_type": kind}
            if row_period == wanted and all(known[key] == value for key, value in only.items()):
                found[product or whole] += Decimal(str(amount))
        return {product: f"{amount:.2f}" for product, amount in sorted(found.items()) if amount}


def landed(home: Path, environment: pytest.MonkeyPatch) -> list[ShiftedCase]:
    """Everything over HTTP; HR twice, before the late raise of pay07 is entered and after."""
    cases = [ShiftedCase(name) for name in SHIFTS]
    books, people = CaseBooks(home, environment), People(home, environment)
    written(home / "company", cases, {})
    os.environ.update(
        PRODOPS_COMPANY=str(home / "company"),
        SOURCES__FX__PATH=str(home / "company" / "rates.csv"),
        SOURCES__FX__START="2000-01-01",
    )
    for now in (BEFORE_THE_RAISE, AFTER_IT):
        people.now = now
        for case in cases:
            case.put_people(people, is_before_the_raise=now == BEFORE_THE_RAISE)
        for key in people.employees:
            people.touch(key)
        people.load()
    for case in cases:
        case.put_books(books)
    books.load()
    for source in ("files", "fx"):
        load_source(source, LoadOptions(), lambda landed: None)
    return cases


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Built, Built]]:
    """All cases by the defaults, and with every switch the other way."""
    home = tmp_path_factory.mktemp("cost_cases") / "home"
    with environment_kept(), written_by("files"), pytest.MonkeyPatch.context() as environment:
        cases = landed(home, environment)
        build_models(home, "--select", "+fct_allocation", "+mart_ai_spend")
        by_default = Built(home, cases, is_spend_built=True)
        written(home / "company", cases, SWITCHES)
        load_source("files", LoadOptions(), lambda landed: None)
        build_models(home, "--select", "base_files__policy", "stg_files__policies+,+fct_allocation", "fct_allocation")
        yield by_default, Built(home, cases)


@pytest.fixture
def built(homes: tuple[Built, Built]) -> Built:
    return homes[0]


@pytest.fixture
def switched(homes: tuple[Built, Built]) -> Built:
    return homes[1]


def right(name: str) -> dict[str, Any]:
    found: dict[str, Any] = CASES[name]["right"]
    return found


def without(given: dict[str, str], *names: str) -> dict[str, str]:
    """Without totals, and products of nothing."""
    return {name: value for name, value in sorted(given.items()) if name not in names and float(value)}


def switch(given: dict[str, Any], words: str) -> Any:
    """What a case says under the one switch whose words begin so."""
    (found,) = (value for name, value in given["by_switch"].items() if name.startswith(words))
    return found


def test_the_ledger_of_every_case_ties(homes: tuple[Built, Built]) -> None:
    assert [one.differences for one in homes] == [[], []]


def test_accruals_reversals_and_bonuses_stay_in_the_period_of_the_ledger(built: Built) -> None:
    for period, known in right("led08")["payroll_cost"].items():
        found = built.cost("led08", period)
        assert found == without(known, "total")
        assert sum(map(Decimal, found.values())) == Decimal(known["total"])


def test_a_payroll_account_of_a_function_is_shaped_by_its_people(built: Built) -> None:
    known = right("led09")
    assert built.cost("led09", "FY26-P06", stage="team") == known["stage 1"]
    overhead = built.cost("led09", "FY26-P06", stage="overhead")
    assert sum(map(Decimal, overhead.values())) == Decimal(known["overhead before stage 3"])
    assert built.cost("led09", "FY26-P06") == known["after stage 3"]


def test_all_payroll_is_one_sum_where_the_rules_say_so(built: Built) -> None:
    known = switch(right("led09"), "all payroll is one sum")
    assert built.cost("led09 as one sum", "FY26-P06", stage="team") == known["stage 1"]
    overhead = built.cost("led09 as one sum", "FY26-P06", stage="overhead")
    assert sum(map(Decimal, overhead.values())) == Decimal(known["overhead"])


def test_paychecks_without_documents_cost_what_the_ledger_report_says(built: Built) -> None:
    known = switch(right("led10"), "lines of the GL report")
    found = built.cost("led10", "FY26-P03", cost_type="payroll", stage="team")
    assert sum(map(Decimal, found.values())) == Decimal(known["payroll_cost FY26-P03"])
    assert built.cost("led10", "FY26-P03", stage="direct") == {}


def test_refunds_on_a_class_lower_it_and_bear_no_overhead(built: Built) -> None:
    known = right("led11")["FY26-P06"]
    for group in ("cost_of_revenue", "operating_expense"):
        direct = {name: amounts[group] for name, amounts in known["stage 0"].items() if group in amounts}
        assert built.cost("led11", "FY26-P06", stage="direct", statement_group=group) == direct
    assert built.cost("led11", "FY26-P06", stage="overhead") == without(known["stage 3"])
    assert built.cost("led11", "FY26-P06") == without(known["total"], "company")


def test_a_class_is_what_its_own_id_says_or_its_nearest_mapped_parent(built: Built, switched: Built) -> None:
    known = right("led12")["FY26-P06"]
    assert built.cost("led12", "FY26-P06") == without(switch(known, "a class is what its own id says"))
    assert switched.cost("led12", "FY26-P06") == without(switch(known, "a subclass without a row"))


def test_payroll_that_has_a_class_is_left_out_of_the_shape_of_the_rest(built: Built) -> None:
    known = right("led24")["FY26-P06"]
    for name, words in (("led24", "the shape of what has no class leaves out"), ("led24 ignored", "everybody shapes")):
        said = switch(known, words)
        assert built.cost(name, "FY26-P06", stage="direct") == known["direct (stage 0)"]
        assert built.cost(name, "FY26-P06", stage="team") == without(said["stage 1"])
        assert built.cost(name, "FY26-P06") == said["total"]


def test_a_contractor_counts_once_and_follows_the_team_or_nobody(built: Built, switched: Built) -> None:
    known = right("con13")["FY26-P06"]
    assert built.cost("con13", "FY26-P06", stage="team") == known["payroll"]
    assert built.cost("con13", "FY26-P06") == without(switch(known, "a vendor that vendor_map.csv says"))
    assert switched.cost("con13", "FY26-P06", stage="team") == known["payroll"]
    assert switched.cost("con13", "FY26-P06") == without(switch(known, "a contractor's bill without a class"))


def test_capitalised_labour_is_its_products_own_and_the_credit_makes_it_negative(built: Built) -> None:
    known = right("cpx18")["FY26-P06"]
    gross = known["research_and_development gross"]
    assert built.cost("cpx18", "FY26-P06", stage="team") == without(gross, "total", "of revenue")
    assert built.cost("cpx18", "FY26-P06", stage="direct") == known["capitalised"]
    assert built.cost("cpx18", "FY26-P06", cost_type="payroll") == without(known["net"], "total", "of revenue")
    assert built.cost("cpx18", "FY26-P06", stage="overhead") == without(known["stage 3 rent"])
    assert built.cost("cpx18", "FY26-P06") == without(known["total"], "company")


def test_a_capitalisation_credit_without_a_class_is_shared_by_pay(built: Built) -> None:
    known = right("cpx18")["variant: the credit has no class (documented default of cost.py: shared by pay)"]["net"]
    assert built.cost("cpx18 unclassed", "FY26-P06", cost_type="payroll") == known


def test_pay_in_three_currencies_is_shaped_at_the_periods_rate_and_booked_at_the_books(built: Built) -> None:
    assert built.cost("fx23", "FY26-P06") == right("fx23")["FY26-P06"]["payroll_cost"]


def test_a_late_raise_is_a_restatement_or_is_paid_late(built: Built, switched: Built) -> None:
    for period, known in switch(right("pay07"), "as known now").items():
        assert built.cost("pay07", period) == known
    for period, known in switch(right("pay07"), "as known when each period closed").items():
        assert switched.cost("pay07", period) == known


def test_thirds_of_a_team_add_up_to_the_cent(built: Built) -> None:
    assert built.cost("shr14", "FY26-P04") == dict(sorted(right("shr14")["C"].items()))


def test_a_team_that_changes_its_product_within_a_month_counts_by_days(built: Built) -> None:
    assert built.cost("shr15", "FY26-P04") == dict(sorted(right("shr15")["FY26-P04"]["payroll_cost"].items()))


def test_a_person_who_moves_within_a_month_counts_by_days(built: Built) -> None:
    assert built.cost("hr04", "FY26-P05") == without(right("hr04")["FY26-P05"]["payroll_cost"])


def test_pay_per_week_day_quarter_month_and_hour_weighs_the_same(built: Built) -> None:
    assert built.cost("pay06", "FY26-P06") == without(right("pay06")["FY26-P06"]["payroll_cost"])


def test_annual_seats_cost_what_the_ledger_writes_off_by_team(built: Built) -> None:
    """Nothing is left over on either side in any period: neither as billed, nor the file on top of the ledger."""
    known, found = right("ai19"), built.tools("ai19", "FY26")
    spans = {"FY26-P02..P06 each": range(2, 7), "FY26-P07..P12 each": range(7, 13)}
    expected, totals = dict[str, dict[str, tuple[str, ...]]](), defaultdict[str, Decimal](Decimal)
    for span, months in spans.items():
        for month in months:
            teams = known["by team"][span]
            expected[f"P{month:02d}"] = {team: (amount, amount, "0.00", "0.00") for team, amount in teams.items()}
            assert sum(map(Decimal, teams.values())) == Decimal(known["tools from the ledger"][span])
            for team, amount in teams.items():
                totals[team] += Decimal(amount)
    assert found == expected
    assert {team: f"{amount:.2f}" for team, amount in totals.items()} == known["by team"]["FY26"]
    assert sum(totals.values()) == Decimal(known["tools from the ledger"]["FY26"])
    assert built.prepaid == (Decimal(known["tools from the ledger"]["prepaid on 2026-12-31"]),)
