"""Billing as other companies have it: each case of tests/cases/stripe is served, loaded and built, and what recurs is
what the case says.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Belongs here: serving them all as the Stripe accounts of one company, and mrr-playbook's periods as one account more.
Does not: the made-up company (test_company_2.py).
A failure means that a company with such a bill publishes a wrong ARR.
"""

import json
import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.sources import LoadOptions, load_source
from tests.end_to_end import mrr_playbook
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by
from tests.ingestion.sources import company_folder as files
from tests.ingestion.sources.stripe_account import CHILDREN, PATHS, Account

CASES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parents[1] / "cases/stripe").glob("*.json")
}
CONTROLS = "int_billing_controls_compared"
UNBILLED = {"v05", "v22", "v24", "v32", "v35"}
"""Cases without a bill over the end of any period: paid before what is loaded, or by use."""
SINCE, FIRST, YEARS = "2016-01-01", date(2017, 1, 1), range(17, 29)
Figures = dict[tuple[str, str], Decimal]
Movements = dict[tuple[str, ...], Decimal]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases at once, landed and built."""
    home = tmp_path_factory.mktemp("stripe_cases") / "home"
    with environment_kept(), written_by("files"), pytest.MonkeyPatch.context() as environment:
        load(home, environment)
        build_models(home, "--select", "+mart_arr", "+mart_arr_movement", f"+{CONTROLS}")
    return home


@pytest.fixture(scope="module")
def figures(home: Path) -> tuple[Figures, Figures, Movements]:
    """Closing MRR and use by product and period, and the movements of MRR by type."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        balances = warehouse.execute(
            "select product_id, fiscal_period, sum(closing_mrr), sum(usage_mrr) from marts.mart_arr group by all"
        ).fetchall()
        movements = warehouse.execute(
            "select product_id, fiscal_period, company_type, sum(mrr_change) from marts.mart_arr_movement "
            "where not is_intra_period group by all having sum(mrr_change) <> 0"
        ).fetchall()
    closing = {(product, period): mrr for product, period, mrr, _ in balances}
    usage = {(product, period): mrr for product, period, _, mrr in balances}
    return closing, usage, {tuple(place): change for *place, change in movements}


def load(home: Path, environment: pytest.MonkeyPatch) -> None:
    """Every case's objects in its account, and the company's files that name their products and customers."""
    (start,), (now,) = ({case[key] for case in CASES.values()} for key in ("start", "now"))
    first = Account(home, environment)
    first.now = int(datetime.fromisoformat(now).timestamp())
    first.set(START=start)
    playbook = first.beside(mrr_playbook.ACCOUNT, start=mrr_playbook.START)
    put(playbook, mrr_playbook.objects(mrr_playbook.periods()))
    accounts = {"": first, "eu": first.beside("eu")}
    for case in CASES.values():
        put(accounts[account_of(case)], case["objects"])
    write_files(home / "company", date.fromisoformat(now[:10]))
    os.environ.update(
        PRODOPS_COMPANY=str(home / "company"),
        SOURCES__FX__PATH=str(home / "company" / "rates.csv"),
        SOURCES__FX__START=FIRST.isoformat(),
    )
    first.load()
    for source in ("files", "fx"):
        load_source(source, LoadOptions(), lambda landed: None)


def account_of(case: dict[str, Any]) -> str:
    return case["company"].get("account", "")


def put(account: Account, objects: dict[str, list[dict[str, Any]]]) -> None:
    streams = {path: stream for stream, path in PATHS.items()}
    for path, records in objects.items():
        stream = streams.get(path, path)
        known = account.records.setdefault(stream, {})
        assert not known.keys() & {record["id"] for record in records}, "cases share an id"
        known.update({record["id"]: unfolded(record, stream) for record in records})


def unfolded(record: dict[str, Any], stream: str) -> dict[str, Any]:
    """A record whose lists are lists: the account folds them as Stripe does."""
    folded = {member: record[member] for member in CHILDREN.get(stream, {}) if isinstance(record.get(member), dict)}
    return record | {member: children["data"] for member, children in folded.items()}


def write_files(folder: Path, today: date) -> None:
    known = {f"{mrr_playbook.ACCOUNT}/prod_{mrr_playbook.PRODUCT}": mrr_playbook.PRODUCT}
    owners = {f"{mrr_playbook.ACCOUNT}/cus_{one.customer}": "mrr_playbook" for one in mrr_playbook.periods()}
    for case in CASES.values():
        company, prefix = case["company"], f"{account_of(case)}/".lstrip("/")
        keys = company.get("product_map", {f"prod_{product}": product for product in company["products"]})
        known |= {prefix + key: product for key, product in keys.items()}
        owners[prefix + company.get("customer_key", f"cus_{company['customer']}")] = company["customer"]
    (plan,) = {tuple(case["company"]["fx_plan"].items()) for case in CASES.values()}
    days = [FIRST + timedelta(days=day) for day in range((today - FIRST).days)]
    folder.mkdir(parents=True)

    def write(name: str, header: str, *rows: str) -> None:
        (folder / name).write_text("\n".join([header, *rows]) + "\n")

    write("policy.yml", "reporting_time_zone: UTC", "reporting_currency: USD", "usage_shown: true")
    write("fiscal_calendar.yml", "pattern: months", "start_month: 1", f"first_fiscal_year: FY{YEARS[0]}")
    write("products.csv", files.PRODUCT, *(f"{one},{one},product,,,,{SINCE}," for one in dict.fromkeys(known.values())))
    write("product_map.csv", files.MAP, *(f"stripe,product,{key},exact,{p},1,{SINCE},," for key, p in known.items()))
    names = dict.fromkeys(owners.values())
    write("customers.csv", files.CUSTOMER, *(f"C-{one},{one},,SMB,US,US,x,{SINCE}," for one in names))
    write("customer_map.csv", files.KEYS, *(f"stripe,{key},C-{one},{SINCE}," for key, one in owners.items()))
    write("segments.csv", "code,name", "SMB,Small")
    write("markets.csv", "code,name,region", "US,United States,AM")
    write("teams.csv", files.TEAM, f"T-A,A,stream,engineering,,{SINCE},")
    write("fx_plan.csv", files.PLAN, *(f"{c},FY{y},{rate}" for y in YEARS for c, rate in plan))
    write("rates.csv", "date,currency,rate", *(f"{day},{row}" for day in days for row in ("USD,1.20", "JPY,180")))


@pytest.mark.parametrize("name", sorted(CASES))
def test_recurring_revenue_of_a_billing_that_is_not_ours_is_right(
    figures: tuple[Figures, Figures, Movements], name: str
) -> None:
    *known, movements = figures
    expected, differences = CASES[name]["expect"], []
    for measure, balances in zip(("closing_mrr", "usage_mrr"), known, strict=True):
        for product, periods in expected.get(measure, {}).items():
            for period, value in periods.items():
                right = [Decimal(one) for one in (value if isinstance(value, list) else [value])]
                found = balances.get((product, period), Decimal(0))
                if found not in right:
                    differences.append(f"{product} {period} {measure}: {found} instead of {value}")
    for product, periods in expected.get("no_movement", {}).items():
        differences += [
            f"{product} {period}: {kind}"
            for period, kinds in periods.items()
            for kind in kinds
            if (product, period, kind) in movements
        ]
    assert expected["closing_mrr"], "a case that expects nothing"
    assert not differences, CASES[name]["what"]


def test_what_a_period_opens_with_and_what_moved_is_what_it_closes_with(
    figures: tuple[Figures, Figures, Movements],
) -> None:
    balances, _, movements = figures
    names = [f"FY{year}-P{month:02d}" for year in YEARS for month in range(1, 13)]
    left: Figures = {}
    for (product, period), mrr in balances.items():
        left[product, period] = left.get((product, period), Decimal(0)) + mrr
        after = names[names.index(period) + 1]
        left[product, after] = left.get((product, after), Decimal(0)) - mrr
    for (product, period, _), change in movements.items():
        left[product, period] = left.get((product, period), Decimal(0)) - change
    newest = max(period for _, period in balances)
    assert {place: amount for place, amount in left.items() if amount and names[0] < place[1] <= newest} == {}


def test_each_month_of_mrr_playbook_is_what_its_own_rules_give(
    figures: tuple[Figures, Figures, Movements],
) -> None:
    balances, *_ = figures
    periods = mrr_playbook.periods()
    right = mrr_playbook.mrr_by_month(periods)
    assert (len(periods), len(right)) == (121, 29)
    # none of its known mistakes bears on these periods: v30 has them
    assert mrr_playbook.departures(periods) == []
    found = {month: balances.get((mrr_playbook.PRODUCT, f"FY{month:%y}-P{month:%m}"), Decimal(0)) for month in right}
    assert found == right
    billed = {period for (product, period), mrr in balances.items() if product == mrr_playbook.PRODUCT and mrr}
    assert billed == {f"FY{month:%y}-P{month:%m}" for month, mrr in right.items() if mrr}


def test_bills_and_lists_agree_with_what_is_held_of_every_case(home: Path) -> None:
    """A control that is red where the figures are right would be switched off, and then protect nobody."""
    columns = "control_id, object_id, object_part, vendor_figure, our_figure"
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        compared = warehouse.execute(f"select {columns}, is_agreed from intermediate.{CONTROLS}").fetchall()
    assert [row for row in compared if not row[-1]] == []
    billed = {contract for control, contract, *_ in compared if control == "billed_balances"}
    contracts = {name: [one["id"] for one in case["objects"]["subscriptions"]] for name, case in CASES.items()}
    assert {name for name, ids in contracts.items() if not any(one.endswith(tuple(ids)) for one in billed)} == UNBILLED
