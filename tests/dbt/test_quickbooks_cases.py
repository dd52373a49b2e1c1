"""Books of companies that are not ours: what their ledger holds, whatever their documents tell.

A failure here means that a kind of posting is lost, doubled or put on another account. The cases were written after
public reports and vendors' documents (tests/cases/quickbooks). They have the accounts of Intuit's sample company, so
that the cases of one currency are one company: the case before their ids distinguishes its documents.
"""

import json
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing import Record
from sandbox.truth.books import STREAMS
from tests.dbt.conftest import Warehouse, record

FOLDER = Path(__file__).parents[1] / "cases" / "quickbooks"
LISTS = ("company_info", "preferences", "accounts", "items", "classes", "departments")
LANDS = {**STREAMS, "CreditCardPaymentTxn": "credit_card_payments"}
REPORTS = {"TrialBalance": "trial_balances", "GeneralLedger": "general_ledgers"}
PROVEN = (
    *("+fct_trial_balance", "+int_ledger_differences_found"),
    *("assert_ledger_balances", "assert_ledger_equals_trial_balance"),
)
BY_REPORT = "account by the report"
EXPLAINED = {
    "yes": lambda found: found == {"explained"},
    "amounts yes": lambda found: found == {"explained", BY_REPORT},
    "no": lambda found: not found <= {"explained"},
}
Case = dict[str, Any]


def of(name: str, value: Any) -> Any:
    """The same, with the case before the ids of documents."""
    if isinstance(value, list):
        return [of(name, one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: of(name, one) for key, one in value.items()}
    return found | ({"TxnId": f"{name}-{found['TxnId']}"} if "TxnId" in found else {})


def ledger_of(name: str, rows: list[Any], place: int) -> list[Any]:
    """The rows of a ledger, likewise; ``place`` is that of the cell with the id."""
    found = []
    for row in rows:
        below = {"Rows": {"Row": ledger_of(name, row["Rows"]["Row"], place)}} if "Rows" in row else {}
        cells = list(row.get("ColData", ()))
        if cells and cells[place].get("id"):
            cells[place] = cells[place] | {"id": f"{name}-{cells[place]['id']}"}
        found.append(row | below | ({"ColData": cells} if cells else {}))
    return found


def cases() -> dict[str, dict[str, Case]]:
    """By currency of the books, and whether there are others."""
    found: dict[str, dict[str, Case]] = defaultdict(dict)
    for path in sorted(FOLDER.glob("*.json")):
        one = json.loads(path.read_text())
        currencies = one["input"]["preferences"][0]["CurrencyPrefs"]
        company = currencies["HomeCurrency"]["value"] + (" and others" * currencies["MultiCurrencyEnabled"])
        found[company][path.stem.partition("-")[0]] = one
    return found


COMPANIES = cases()


def landed(company: dict[str, Case]) -> dict[str, list[Record]]:
    """What a load would land of it: types that no entity answers are in the reports alone."""
    records: dict[str, dict[str, Record]] = defaultdict(dict)
    preferences: dict[str, Any] = {}
    for name, one in company.items():
        given = one["input"]
        for stream in LISTS:
            records[stream] |= {row["Id"]: record(row["Id"], row) for row in given.get(stream, ())}
        preferences |= given["preferences"][0]
        tracking = [each["input"]["preferences"][0]["AccountingInfoPrefs"] for each in company.values()]
        preferences["AccountingInfoPrefs"] = {
            key: any(row.get(key) for row in tracking) for each in tracking for key in each
        }
        for kind, rows in given["documents"].items():
            for row in rows if kind in LANDS else ():
                key = f"{name}-{row['Id']}"
                records[LANDS[kind]][key] = record(key, of(name, row) | {"Id": key})
        for report, stream in REPORTS.items():
            answer = given["reports"][report]
            if report == "GeneralLedger":
                keys = [column["MetaData"][0]["Value"] for column in answer["Columns"]["Column"]]
                rows = ledger_of(name, answer["Rows"]["Row"], keys.index("txn_type"))
                answer = answer | {"Rows": {"Row": rows}}
            records[stream][name] = record(f"{answer['Header']['StartPeriod']}/{name}", answer)
    records["preferences"] = {"1": record("1", preferences)}
    return {stream: list(found.values()) for stream, found in records.items()}


def minor(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))


@pytest.fixture(scope="module", params=sorted(COMPANIES))
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Warehouse]:
    warehouse = Warehouse(tmp_path_factory.mktemp("case") / "home")
    warehouse.land("quickbooks", landed(COMPANIES[request.param]))
    flags = ("--indirect-selection", "empty", "--exclude-resource-type", "unit_test")
    built = warehouse.dbt("build", "--select", *PROVEN, *flags)
    assert {node: status for node, status in built.items() if status not in ("success", "pass")} == {}
    return request.param, warehouse


def test_every_posting_of_a_company_that_is_not_ours_is_in_the_ledger(company: tuple[str, Warehouse]) -> None:
    which, warehouse = company
    expected: Counter[tuple[str, str, str, str, int]] = Counter()
    for name, one in COMPANIES[which].items():
        for key, postings in one["right"]["postings"].items():
            for row in postings:
                amount = minor(row["debit"]) - minor(row["credit"])
                tags = row.get("class", ""), row.get("department", "")
                expected[f"{name}-{key.partition('/')[2]}", row["account"], *tags, amount] += 1
    posted = "document_id, account_id, coalesce(class_id, ''), coalesce(department_id, ''), amount_home_minor"
    found = warehouse.query(f"select {posted} from intermediate.fct_gl_line where amount_home_minor <> 0")
    assert Counter(found) == expected


def test_the_trial_balance_of_a_company_that_is_not_ours_is_read(company: tuple[str, Warehouse]) -> None:
    which, warehouse = company
    expected: Counter[str] = Counter()
    for one in COMPANIES[which].values():
        expected.update({account: minor(amount) for account, amount in one["right"]["trial_balance"].items()})
    balance = "account_id, sum(debit_minor - credit_minor)::bigint"
    found = warehouse.query(f"select {balance} from intermediate.fct_trial_balance group by 1")
    assert dict(found) == expected


def test_a_posting_has_its_document_where_there_is_one_and_else_its_label(company: tuple[str, Warehouse]) -> None:
    which, warehouse = company
    expected = set()
    for name, one in COMPANIES[which].items():
        for key, rows in one["right"]["postings"].items():
            kind, _, number = key.partition("/")
            if rows and (kind in LANDS or key in one["right"]["by_report_only"]):
                expected.add((f"{name}-{number}", kind, kind in LANDS))
    found = warehouse.query("select distinct document_id, document_type, has_document from intermediate.fct_gl_line")
    assert set(found) >= expected
    lands = {
        f"{name}-{key.partition('/')[2]}"
        for name, one in COMPANIES[which].items()
        for key in one["right"]["postings"]
        if key.partition("/")[0] in LANDS
    }
    assert {key for key, _, has_document in found if has_document} == lands & {key for key, *_ in found}


def test_documents_explain_what_can_be_derived_from_them(company: tuple[str, Warehouse]) -> None:
    which, warehouse = company
    explanations: dict[str, set[str]] = defaultdict(set)
    query = "select document_id, explanation from intermediate.int_postings_explained"
    for key, explanation in warehouse.query(query):
        explanations[key.partition("-")[0]].add(explanation)
    wrong = {}
    for name, one in COMPANIES[which].items():
        how_far = next((word for word in ("yes", "amounts yes") if one["can_be_derived"].startswith(word)), "no")
        if not EXPLAINED[how_far](explanations[name]):
            wrong[name] = how_far, explanations[name]
    assert wrong == {}
