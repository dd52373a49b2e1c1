"""Files as other companies keep them: those of tests/cases/cost are accepted, or refused where a case says so.

Belongs here: the files of these cases. Does not: what follows from them (tests of people and cost), mistakes one by one
(tests/cli/test_mistakes.py).
"""

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.errors import FileError, Mistakes
from ingestion.sources import LoadOptions, load_source
from ingestion.sources.files.checks import CompanyFiles
from tests.ingestion.conftest import landed_rows
from tests.ingestion.sources.company_folder import MAP, PRODUCT, SHARES, TEAM

CASES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parents[2] / "cases" / "cost").glob("*.json")
}
Files = dict[str, Sequence[str]]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODOPS_NOW", "2027-01-10T06:00:00Z")


def given(case: dict[str, Any]) -> Files:
    """The files of a case. One was written when bills still had a period: its first day and the day after its last."""
    company = case["input"].get("company", {})
    files = {name: lines for name, lines in {**company, **case["input"]}.items() if str(name).endswith(".csv")}
    spend = files.get("ai_spend.csv", [])
    if spend and "period" in spend[0]:
        rows = list(csv.DictReader(spend))
        months = [int(row["period"].removeprefix("FY26-P")) for row in rows]
        files["ai_spend.csv"] = ["vendor,from,to,team_id,user,amount,currency"] + [
            f"{row['vendor']},2026-{month:02d}-01,{2026 + month // 12}-{month % 12 + 1:02d}-01,"
            f"{row['team_id']},,{row['amount']},{row['currency']}"
            for row, month in zip(rows, months, strict=True)
        ]
    return files


def named(files: Files, column: str) -> list[str]:
    return sorted({row[column] for lines in files.values() for row in csv.DictReader(lines) if row.get(column)})


def write(folder: Path, files: Files) -> Path:
    """A company of these files, and of rows for the products and teams that they name and do not describe."""
    folder.mkdir(exist_ok=True)
    teams = [f"{team},{team},stream,engineering,,," for team in named(files, "team_id")] or ["t,Blue,stream,,,,"]
    needed: Files = {
        "products.csv": [PRODUCT, *(f"{one},{one},product,,,,," for one in named(files, "product_id") or ["p"])],
        "product_map.csv": [MAP, f"jira,project,P,exact,{(named(files, 'product_id') or ['p'])[0]},1,,,"],
        "teams.csv": [TEAM, *teams],
        "policy.yml": ["reporting_time_zone: Europe/Berlin", "reporting_currency: EUR"],
    }
    for name, lines in (needed | files).items():
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises((FileError, Mistakes)) as caught:
        CompanyFiles(folder, {})
    return [str(one) for one in caught.value.parts]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if given(case)])
def test_the_files_of_a_case_are_accepted_row_by_row(tmp_path: Path, name: str) -> None:
    files = given(CASES[name])
    company = CompanyFiles(write(tmp_path / "company", files), {})
    read = {file: len(company.tables[file.removesuffix(".csv")].rows) for file in files}
    assert read == {file: len(lines) - 1 for file, lines in files.items()}


def test_seats_of_a_year_with_a_refund_are_accepted_as_they_were_billed(tmp_path: Path) -> None:
    """The seats of the case, not by the month but in the two rows that its invoices are: 4,800 and 700 given back."""
    bills = ["vendor,from,to,team_id,user,amount,currency"]
    bills += ["Pairwright,2026-02-01,2027-02-01,T-ALPHA,,4800.00,EUR"]
    bills += ["Pairwright,2026-07-01,2027-02-01,T-ALPHA,,-700.00,EUR"]
    company = CompanyFiles(write(tmp_path / "company", {"ai_spend.csv": bills}), {})
    assert [row.amount for row in company.tables["ai_spend"].rows] == [Decimal("4800.00"), Decimal("-700.00")]


@pytest.mark.parametrize(("variant", "total"), [("A", "1.1"), ("B", "0.9")])
def test_shares_that_do_not_add_up_to_one_are_refused_and_the_mapping_before_them_stays(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str, total: str
) -> None:
    """shr14: a share too many is a typing error; normalised, it would move cost without a word."""
    variants = CASES["shr14-shares-of-110"]["input"]["variants"]
    folder = write(tmp_path / "company", {"team_products.csv": variants["C"]})
    monkeypatch.setenv("PRODOPS_COMPANY", str(folder))
    load_source("files", LoadOptions(), lambda _: None)
    (folder / "team_products.csv").write_text("\n".join(variants[variant]) + "\n")
    (folder / "teams.csv").write_text(f"{TEAM}\nT-ALPHA,Renamed,stream,,,,\n")
    allowed = f"the shares of a team must add up to 1; here {total} from 2026-01-01"
    assert refused(folder) == [f"team_products.csv row 1 column share value '0.5': {allowed}"]
    with pytest.raises(FileError):
        load_source("files", LoadOptions(), lambda _: None)
    landed = [json.loads(payload) for _, payload, _ in landed_rows("files", "team_products")]
    assert [row["share"] for row in landed] == ["0.333333", "0.333333", "0.333334"]
    assert [json.loads(payload)["name"] for _, payload, _ in landed_rows("files", "teams")] == ["T-ALPHA"]


@pytest.mark.parametrize(
    ("first", "end"),
    [
        ("2026-07-02", "2026-08-01"),  # a seat from the second day of its month on
        ("2026-01-31", "2026-02-28"),  # a month that is billed on its last day
        ("2026-02-28", "2026-03-01"),  # one day
        ("2026-02-01", "2026-02-27"),
    ],
)
def test_days_that_are_no_month_are_taken_as_they_are(tmp_path: Path, first: str, end: str) -> None:
    bill = ["vendor,from,to,team_id,user,amount,currency", f"Pairwright,{first},{end},,,20,EUR"]
    (row,) = CompanyFiles(write(tmp_path / "company", {"ai_spend.csv": bill}), {}).tables["ai_spend"].rows
    assert (str(row.from_), str(row.to)) == (first, end)


def test_shares_of_a_millionth_more_are_refused(tmp_path: Path) -> None:
    thirds = [line.replace("0.333334", "0.333335") for line in CASES["shr14-shares-of-110"]["input"]["variants"]["C"]]
    assert thirds[0] == SHARES
    (message,) = refused(write(tmp_path / "company", {"team_products.csv": thirds}))
    assert message.endswith("must add up to 1; here 1.000001 from 2026-01-01")


def test_a_budget_of_a_quarter_or_in_another_currency_is_refused(tmp_path: Path) -> None:
    """bud16: a quarter is not divided by guess, and dollars are not taken for euros."""
    case = CASES["bud16-quarter-currency-no-product"]["input"]
    for variant, message in (
        ("A", "budget.csv row 1 column period value 'FY26-Q2': must be a fiscal period like FY26-P07"),
        ("B", "budget.csv column currency: the header must be account_group,product_id,period,amount"),
    ):
        files = {**given(CASES["bud16-quarter-currency-no-product"]), "budget.csv": case["variants"][variant]}
        assert refused(
            write(tmp_path / variant, {**files, "products.csv": [PRODUCT, "payments,Pay,product,,,,,"]})
        ) == [message]
    company = CompanyFiles(write(tmp_path / "C", {"budget.csv": case["variants"]["C"]}), {})
    assert [(row.product_id, row.amount) for row in company.tables["budget"].rows] == [
        *[("payments", Decimal(30_000))] * 3,
        (None, Decimal(50_000)),
    ]


def test_an_epic_meets_the_criteria_of_the_regimes_and_of_no_other(tmp_path: Path) -> None:
    """cpx17: each of its rows under a regime that does not ask for it is refused."""
    rows = CASES["cpx17-before-authorisation"]["input"]["capex_criteria.csv"]
    for number, row in enumerate(rows[1:], start=1):
        epic, regime, criterion, met_on, approver = row.split(",")
        other = "all" if regime != "all" else "ias38"
        bent = [*rows[:number], ",".join((epic, other, criterion, met_on, approver)), *rows[number + 1 :]]
        (message,) = refused(write(tmp_path / str(number), {"capex_criteria.csv": bent}))
        assert message.startswith(f"capex_criteria.csv row {number} column criterion value '{criterion}': must be one")
