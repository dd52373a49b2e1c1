"""What a new company's files hold at first, of records as the vendors write them.

A failure means that a newcomer's first figures stand under a wrong product, customer or rate.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from ingestion.sources.files import fiscal_calendar
from ingestion.sources.files.fiscal_calendar import CalendarSettings
from quality import first_files
from quality.first_files import Contract, Customer, Found, Key, Rates
from tests.ingestion.file_packages import written_by

AT = datetime(2026, 10, 15, tzinfo=UTC)
TODAY = date(2026, 10, 15)
YEARS = list(fiscal_calendar.periods(CalendarSettings(start_month=1), TODAY))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRODOPS_LANDING", raising=False)
    with written_by("files"):
        yield tmp_path / "home"


def land(source: str, stream: str, records: dict[str, Any]) -> None:
    """Records by their id; None for one that is gone."""
    with Landing(source, SOURCES[source].streams) as landing:
        landing.land(
            stream,
            [
                Record(key, None if one is None else json.dumps(one), AT, is_deleted=one is None)
                for key, one in records.items()
            ],
        )


def issue(kind: dict[str, Any], team: str | None, resolution: str | None = None) -> dict[str, Any]:
    fields = {"issuetype": {"subtask": False, "hierarchyLevel": 0} | kind}
    fields["customfield_10001"] = {"id": "u-1", "name": team} if team else None  # type: ignore[assignment]
    fields["resolution"] = {"name": resolution} if resolution else None  # type: ignore[assignment]
    return {"fields": fields}


def project(key: str, name: str) -> Key:
    return Key("jira", "project", key, name)


def product(key: str, name: str) -> Key:
    return Key("stripe", "product", key, name)


def contract(currency: str, began: str, ended: str | None = None) -> Contract:
    def at(day: str) -> datetime:
        return datetime.fromisoformat(f"{day}T12:00:00Z")

    return Contract(currency, at(began), at(ended) if ended else None)


def test_everything_that_names_something_is_read_and_nothing_that_is_gone() -> None:
    land("jira", "projects", {"1": {"key": "PAY", "name": "Payments"}, "2": {"key": "OLD", "name": "Old"}})
    land("jira", "projects", {"2": None, "1": {"key": "PAY", "name": "Pay"}})
    team = "com.atlassian.jira.plugin.system.customfieldtypes:atlassian-team"
    land("jira", "fields", {"customfield_10001": {"schema": {"custom": team}}, "summary": {"schema": {}}})
    land("jira", "users", {"a": {"timeZone": "Europe/Berlin"}, "b": {"timeZone": "Mars/North"}, "c": {}})
    land(
        "jira",
        "issues",
        {
            "10": issue({"name": "Fehler", "untranslatedName": "Bug"}, "Blue"),
            "11": issue({"name": "Ausfall"}, "Red", "Erledigt"),
            "12": issue({"name": "Epos", "hierarchyLevel": 1}, "Blue"),
            "13": issue({"name": "Teil", "subtask": True}, None),
        },
    )
    land("stripe", "products", {"prod_1": {"name": "Pay"}, "eu/gold": {"name": None}})
    land("stripe", "customers", {"cus_1": {"name": "Acme", "address": {"country": "DE"}}, "cus_2": {"name": None}})
    land(
        "stripe",
        "subscriptions",
        {
            "sub_1": {"customer": "cus_1", "currency": "usd", "start_date": 1767225600, "ended_at": None},
            "sub_2": {"customer": "cus_9", "currency": "usd", "start_date": 1767225600, "ended_at": 1769904000},
            "eu/sub_3": {"customer": "cus_1", "currency": "eur", "start_date": 1767225600, "ended_at": None},
        },
    )
    land("fx", "rates", {"2026-01-02/USD": {"date": "2026-01-02", "currency": "USD", "rate": "1.17"}})
    found = first_files.read()
    assert found.sources == ["jira", "stripe", "fx"]
    assert found.products == [project("PAY", "Pay"), product("eu/gold", "eu/gold"), product("prod_1", "Pay")]
    assert found.teams == ["Blue", "Red"]
    assert [(key.object_type, key.key, key.name) for key in found.work] == [
        ("issue_type", "Ausfall", "Ausfall"),
        ("issue_type", "Fehler", "Bug"),
        ("resolution", "Erledigt", "Erledigt"),
    ]
    assert found.customers == [
        Customer("cus_1", "Acme", "DE"),
        Customer("cus_2", "cus_2", ""),
        Customer("cus_9", "cus_9", ""),
        Customer("eu/cus_1", "eu/cus_1", ""),
    ]
    assert found.rates == {"USD": {date(2026, 1, 2): "1.17"}}
    assert (found.zone, found.currency) == ("Europe/Berlin", "EUR"), "one contract each: the first by name"


def test_where_nothing_landed_nothing_is_known(home: Path) -> None:
    found = first_files.read()
    assert found == Found([], [])
    assert (found.zone, found.currency) == ("UTC", "EUR")
    assert first_files.products(found, None) == ([], [], [])
    assert not list(home.glob("landing/*")), "and looking leaves nothing behind"


def test_the_currency_is_that_of_most_contracts_that_run() -> None:
    ended = [contract("GBP", "2025-01-01", "2025-02-01")] * 5
    running = [contract("USD", "2025-01-01")] * 2 + [contract("EUR", "2025-01-01")]
    assert Found([], contracts=[*ended, *running]).currency == "USD"
    assert Found([], contracts=ended).currency == "GBP"


def test_products_of_one_name_are_one_and_ids_do_not_depend_on_the_others() -> None:
    found = Found(
        [], [project("PAY", "Payments"), project("API", "API 2"), product("p1", "payments "), product("p2", "API-2")]
    )
    catalogue, mapped, left = first_files.products(found, None)
    assert [(row["product_id"], row["name"], row["level"]) for row in catalogue] == [
        ("payments", "Payments", "product"),
        ("api-2", "API 2", "product"),
        ("api-2-p2", "API-2", "product"),
    ]
    assert [(row["source"], row["object_type"], row["key"], row["product_id"]) for row in mapped] == [
        ("jira", "project", "PAY", "payments"),
        ("jira", "project", "API", "api-2"),
        ("stripe", "product", "p1", "payments"),
        ("stripe", "product", "p2", "api-2-p2"),
    ]
    assert left == []
    alone, *_ = first_files.products(replace(found, products=found.products[:1]), None)
    assert alone == catalogue[:1]


def test_keys_go_to_products_that_a_person_keeps_by_their_name_and_others_are_left() -> None:
    found = Found([], [project("PAY", "Payments"), product("p1", "Payments"), product("p2", "Other")])
    catalogue, mapped, left = first_files.products(found, {"P-1": "PAYMENTS", "P-2": "Shipping"})
    assert catalogue == []
    assert [(row["key"], row["product_id"]) for row in mapped] == [("PAY", "P-1"), ("p1", "P-1")]
    assert left == [product("p2", "Other")]


def test_names_in_any_script_make_ids_and_none_is_a_formula_or_blank() -> None:
    names = {"A": "支払い", "B": "=1+1", "C": "!!", "D": " = ", "E": "  ", "F": None}
    land("jira", "projects", {key: {"key": key, "name": name} for key, name in names.items()})
    land("stripe", "customers", {"cus_1": {"name": "@Acme "}, "cus_2": {"name": " "}})
    found = first_files.read()
    catalogue, mapped, _ = first_files.products(found, None)
    assert {(row["product_id"], row["name"]) for row in catalogue} == {
        ("支払い", "支払い"),
        ("1-1", "1+1"),
        ("c", "!!"),
        ("d", "D"),
        ("e", "E"),
        ("f", "F"),
    }
    assert {row["key"]: row["reason"] for row in mapped} == {
        "A": "支払い", "B": "1+1", "C": "!!", "D": "D", "E": "E", "F": "F",
    }  # fmt: skip
    assert [customer.name for customer in found.customers] == ["Acme", "cus_2"]


def test_a_team_is_called_as_jira_calls_it_or_left_to_a_person() -> None:
    rows, left = first_files.teams(["Team A", "team a", "A-Team", "@core", "+1"])
    assert [(row["team_id"], row["name"]) for row in rows] == [
        ("team-a", "Team A"),
        ("team-a-team", "team a"),
        ("a-team", "A-Team"),
    ]
    assert left == ["@core", "+1"], "without its first sign it would be another team"


def test_names_that_are_nearly_the_same_are_shown_and_not_joined() -> None:
    found = Found(
        [], [project("SHOP", "Web Shop"), project("PAY", "Pay"), product("p1", "Shop Web yearly"), product("p2", "Pay")]
    )
    assert list(first_files.alike(found)) == [(project("SHOP", "Web Shop"), product("p1", "Shop Web yearly"))]


def test_customers_of_one_name_stay_two_unless_a_person_says_otherwise() -> None:
    found = Found(
        [], customers=[Customer("cus_1", "Acme", "DE"), Customer("eu/cus_2", "Acme", ""), Customer("c", "New", "")]
    )
    rows, mapped, left = first_files.customers(found, None)
    assert [(row["customer_id"], row["name"], row["country"]) for row in rows] == [
        ("cus_1", "Acme", "DE"),
        ("eu-cus_2", "Acme", ""),
        ("c", "New", ""),
    ]
    assert [(row["key"], row["customer_id"]) for row in mapped] == [
        ("cus_1", "cus_1"),
        ("eu/cus_2", "eu-cus_2"),
        ("c", "c"),
    ]
    assert left == 0
    _, mapped, left = first_files.customers(found, {"C-1": "acme", "C-2": "New", "C-3": "new"})
    assert [(row["key"], row["customer_id"]) for row in mapped] == [("cus_1", "C-1"), ("eu/cus_2", "C-1")]
    assert left == 1, "of two with its name nobody knows which"


def test_a_kind_of_work_is_given_only_where_the_name_says_it() -> None:
    work = [
        Key("jira", "issue_type", "Fehler", "Bug"),
        Key("jira", "issue_type", "Story", "Story"),
        Key("jira", "issue_type", "New feature", "New feature"),
        Key("jira", "issue_type", "Outage", "Outage"),
        Key("jira", "issue_type", "=Bug", "Bug"),
        Key("jira", "resolution", "Done", "Done"),
        Key("jira", "resolution", "Won't Do", "Won't Do"),
    ]
    rows, left = first_files.work_types(Found([], work=work))
    assert [(row["object_type"], row["key"], row["kind"]) for row in rows] == [
        ("issue_type", "Fehler", "bug"),
        ("issue_type", "New feature", "feature"),
        ("resolution", "Done", "done"),
    ]
    assert [key.key for key in left] == ["Outage", "=Bug", "Won't Do"], "Jira's own Story is known"


def test_rates_are_needed_as_long_as_somebody_has_a_contract_in_the_currency() -> None:
    """USD from December 2025 to 2 February 2026: two fiscal years, three periods. Published: 28 November (too old by
    then), 26 December to hold for the year's end, 23 January, eight days before the period's, and 28 February."""
    usd = {date(2025, 11, 28): "1.1", date(2025, 12, 26): "1.2", date(2026, 1, 23): "1.3", date(2026, 2, 28): "1.4"}
    found = Found(
        [], contracts=[contract("USD", "2025-12-10", "2026-02-02"), contract("EUR", "2024-01-01")], rates={"USD": usd}
    )
    missing = first_files.missing_rates(found, "EUR", "UTC", YEARS, set(), TODAY)
    assert missing == Rates([("USD", "FY25"), ("USD", "FY26")], [("USD", date(2026, 1, 31))])
    rest = first_files.missing_rates(found, "EUR", "UTC", YEARS, {("USD", "FY25")}, TODAY)
    assert rest.planned == [("USD", "FY26")]
    # a company that reports in dollars needs the dollar's as long as it has contracts in euros
    other = first_files.missing_rates(found, "USD", "UTC", YEARS, set(), TODAY)
    assert {currency for currency, _ in other.planned} == {"USD"}
    assert [year for _, year in other.planned] == ["FY24", "FY25", "FY26"]
    assert first_files.missing_rates(replace(found, contracts=[]), "EUR", "UTC", YEARS, set(), TODAY) == Rates([], [])


def test_a_contract_begins_on_the_day_that_it_is_in_the_companys_time_zone() -> None:
    late = Contract("USD", datetime.fromisoformat("2025-12-31T23:30:00Z"), None)
    assert first_files.missing_rates(Found([], contracts=[late]), "EUR", "UTC", YEARS, set(), TODAY).planned == [
        ("USD", "FY25"),
        ("USD", "FY26"),
    ]
    berlin = first_files.missing_rates(Found([], contracts=[late]), "EUR", "Europe/Berlin", YEARS, set(), TODAY)
    assert berlin.planned == [("USD", "FY26")]


def test_a_plan_is_the_rate_before_the_year_or_the_years_first_or_what_a_person_gives() -> None:
    usd = {date(2024, 12, 30): "1.04", date(2025, 1, 2): "1.03"}
    found = Found([], rates={"USD": usd, "JPY": {date(2025, 7, 1): "170", date(2025, 7, 2): "171"}})
    needed = Rates([("JPY", "FY25"), ("KWD", "FY25"), ("USD", "FY25"), ("USD", "FY26")], [])
    rows, left = first_files.plan_rates(found, needed, {"USD": Decimal("1.2")}, YEARS)
    assert [tuple(row.values()) for row in rows] == [
        ("JPY", "FY25", "170"),
        ("USD", "FY25", "1.2"),
        ("USD", "FY26", "1.2"),
    ]
    assert left == [("KWD", "FY25")]
    rows, _ = first_files.plan_rates(found, needed, {}, YEARS)
    assert [tuple(row.values()) for row in rows] == [("JPY", "FY25", "170"), ("USD", "FY25", "1.04")]


def test_a_rate_that_a_person_gives_holds_on_each_day_that_needs_one() -> None:
    """The running period is valued by the day of the last load: some day between its first and today."""
    found = Found([], contracts=[contract("KWD", "2026-09-20")])
    missing = first_files.missing_rates(found, "EUR", "UTC", YEARS, set(), TODAY)
    rows, left = first_files.day_rates(missing, {"KWD": Decimal("0.33")})
    assert [(row["date"], row["rate"]) for row in rows] == [
        ("2026-09-30", "0.33"),
        ("2026-10-01", "0.33"),
        ("2026-10-08", "0.33"),
        ("2026-10-15", "0.33"),
    ]
    assert left == []
    rows, left = first_files.day_rates(missing, {"USD": Decimal("1.1")})
    assert (rows, len(left)) == ([], 4)
