"""Expectations are red for what they are there to find, and for nothing else.

What each of the others finds is in tests/torture/expectation_mutations.py, of which one of each kind runs here.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.landing import Landing, Record
from ingestion.manifests import Stream
from ingestion.sources import SOURCES
from quality.expectations import catalogue, landed, marts
from quality.expectations.batches import batches, is_behind, loads_of, recall
from quality.expectations.drift import Field, Profile, merged, rows
from quality.expectations.marts import Described
from quality.expectations.suites import Found, looked_at
from tests.ingestion.file_packages import written_by
from tests.torture.expectation_mutations import marts_broken

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
STREAM = next(one for one in SOURCES["stripe"].streams if one.name == "subscriptions")
PAY = next(one for one in SOURCES["bamboohr"].streams if one.is_restricted)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path) -> Iterator[None]:
    os.environ["PRODOPS_HOME"] = str(tmp_path)
    with written_by("files"):
        yield


def contract(**changed: Any) -> dict[str, Any]:
    return {
        "customer": "cus_1",
        "status": "active",
        "currency": "eur",
        "start_date": 1790000000,
        "items": {"data": []},
        "created": 1790000000,
        "collection_method": "send_invoice",
        "note": "as agreed",
    } | changed


def land(records: Mapping[str, Mapping[str, Any] | None], stream: Stream = STREAM, source: str = "stripe") -> None:
    with Landing(source, SOURCES[source].streams) as landing:
        landing.land(
            stream.name,
            [
                Record(key, json.dumps(payload) if payload is not None else None, NOW, is_deleted=payload is None)
                for key, payload in records.items()
            ],
        )


def look(stream: Stream = STREAM, source: str = "stripe", *, noted: bool = True) -> dict[str, Found]:
    """What was red."""
    found = landed.judged(source, [stream], {stream.name} if noted else set())
    return {one.expectation.rule.name: one for one in found if not one.is_green}


def many(number: int, first: int = 0, **changed: Any) -> dict[str, dict[str, Any]]:
    return {f"sub_{n}": contract(**changed) for n in range(first, first + number)}


def test_first_small_empty_and_whole_loads_are_no_alarms() -> None:
    """A check that cries at a first load, at three new records or at a resync is switched off within a week."""
    assert look() == {}, "nothing has landed"
    land(many(150))
    assert look() == {}, "a first load"
    land(many(3, first=150, note=None, brand_new="x"))
    assert look() == {}, "three records without a note, with a field that no other has"
    land({})
    assert look() == {}, "a load that brought nothing"
    land(many(153, note="read again"))
    assert look() == {}, "every record again, in another version"


def test_a_field_that_models_need_and_nobody_has_any_more_blocks_until_it_is_back() -> None:
    land(many(150))
    assert look() == {}
    land(many(30, status=None))
    red = look()
    assert red["needed_fields_are_filled"].expectation.rule.is_blocking
    assert "status is filled in 0 of 30 records" in red["needed_fields_are_filled"].text
    land(many(30, first=200))
    assert "needed_fields_are_filled" not in look(), "half of the batch has it again"
    land(many(30))
    assert look() == {}


def test_a_red_value_stays_red_until_the_record_has_another_version() -> None:
    """Green again by the next load of other records, the wrong one would be published."""
    land(many(30))
    land({"sub_7": contract(status="made-up")})
    assert "sub_7" in look()["status_is_known"].text
    land(many(30, first=100))
    assert "sub_7" in look()["status_is_known"].text
    land({"sub_7": contract(status="canceled")})
    assert look() == {}


def test_shares_of_small_loads_are_judged_once_there_are_enough() -> None:
    land(many(150))
    look()
    for first in range(0, 21, 7):
        land(many(7, first=first, note=None))
        red = look()
    assert "note is filled in 0 of 21 records" in red["fields_filled_as_before"].text


def test_a_load_counts_as_looked_at_only_when_all_was_taken() -> None:
    """A kill in the middle, or a check that somebody ran alone, must not hide the load from the others."""
    land(many(150))
    next(landed.judged("stripe", [STREAM], {STREAM.name}))
    look(noted=False)
    (batch,) = batches("stripe", [STREAM])
    assert is_behind("stripe", STREAM.name, loads_of(batch.manifest))
    look()
    assert not is_behind("stripe", STREAM.name, loads_of(batch.manifest))
    assert recall("stripe", STREAM.name).then_since == batch.loads[1]


def test_records_that_double_or_vanish_are_named_with_both_numbers() -> None:
    land(many(150))
    look()
    land({f"{key}-again": one for key, one in many(150).items()})
    assert "300 records, 150 at the last good load" in look()["volume_as_before"].text


def test_of_pay_nothing_is_said_but_numbers() -> None:
    """What a check says is in Dagster's database, its logs and on pages: nobody's pay may be, nor whose it is."""
    pay = {
        "employeeId": "77001",
        "startDate": "2099-01-01",
        "rate": "98765.43",
        "type": "Salary",
        "paidPer": "Fortnight",
    }
    land({"77001/1": pay}, PAY, "bamboohr")
    red = look(PAY, "bamboohr")
    assert set(red) == {"paid_per_is_known", "start_is_plausible"}
    assert "paidPer of 1 records" in red["paid_per_is_known"].text
    home = Path(os.environ["PRODOPS_HOME"])
    written = [path.read_text() for name in ("data_docs", "expectations") for path in (home / name).iterdir()]
    assert len(written) == 3
    for text in [*written, *(one.text for one in red.values())]:
        assert not any(secret in text for secret in ("98765", "77001", "Fortnight", "2099"))


def test_an_expectation_that_can_not_look_is_red() -> None:
    """The library says success for a frame without the column, but for the exception that it notes."""
    rule = catalogue.Rule("strange", "ExpectColumnValuesToMatchRegex", "of", {"regex": "("}, "", "")
    asked = [catalogue.Expectation("stripe", "subscriptions", rule)]
    frame = [{"stream": "subscriptions", "key": "one", "detail": "one", "of": 1.0}]
    (found,) = looked_at("strange", asked, frame)
    assert not found.is_green
    assert "could not be looked for" in found.text
    (found,) = looked_at("strange", asked, frame, is_restricted=True)
    assert found.error == "it could not be looked for"


def test_pages_need_nothing_from_elsewhere() -> None:
    land(many(30, status="made-up"))
    look()
    folder = Path(os.environ["PRODOPS_HOME"]) / "data_docs"
    assert sorted(page.name for page in folder.iterdir()) == ["index.html", "stripe.html"]
    for page in folder.iterdir():
        text = page.read_text()
        assert "src=" not in text
        assert "https://" not in text
    assert "subscriptions status_is_known: sub_0 and 29 more" in (folder / "stripe.html").read_text()


def test_what_was_known_fades_but_is_not_forgotten() -> None:
    before = Profile(10, 10_000, {"old": Field(10_000, {"text": 10_000})})
    after = merged(before, Profile(11, 100, {"new": Field(100, {"number": 100})}))
    assert after == Profile(11, 2100, {"old": Field(2000, {"text": 2000}), "new": Field(100, {"number": 100})}), (
        "2,000 records weigh in full"
    )


def test_a_field_is_compared_only_where_enough_is_known_of_both() -> None:
    known = Profile(100, 100, {"a": Field(100, {"text": 100}), "rare": Field(10, {"text": 10})})
    few, enough = ({row["key"]: row for row in rows(known, Profile(100, number), ())} for number in (19, 20))
    assert few["a"]["of_expected"] is None
    assert enough["a"]["of_expected"] == 0
    assert enough["rare"]["of_expected"] is None, "one record in ten had it"


MART = Described(
    "mart_usage",
    ("activity_date",),
    ("events", "stickiness_ratio", "wau_mau_ratio"),
    ("events",),
    {
        "activity_date": "date",
        "events": "bigint",
        "stickiness_ratio": "double",
        "wau_mau_ratio": "double",
        "data_as_of": "timestamp",
    },
)


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, Path]:
    """A warehouse with a mart of 30 days, and what is published of it: the same."""
    for name, schema in (("warehouse", "marts"), ("published", "main")):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as connection:
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"""
                create table {schema}.mart_usage as
                select date '2026-09-01' + n::int as activity_date, 100 + n as events, 0.5 as stickiness_ratio,
                    1 as wau_mau_ratio, true as is_complete, timestamp '2026-10-01' as data_as_of
                from range(30) as days (n);
                create table {schema}.dim_fiscal_period as select 1 as fiscal_period
                """)
    return tmp_path / "warehouse.duckdb", tmp_path / "published.duckdb"


def test_a_mart_that_is_as_it_was_is_green(built: tuple[Path, Path]) -> None:
    warehouse, published = built
    for files in ({}, {"mart_usage": published}):
        found = marts.judged(warehouse, [MART], files)
        assert len(found) == 6
        assert [one.text for one in found if not one.is_green] == []


def test_each_expectation_of_a_mart_is_broken_by_one_mistake(built: tuple[Path, Path], tmp_path: Path) -> None:
    warehouse, published = built
    broken = list(marts_broken(warehouse, [MART], {"mart_usage": published}, tmp_path))
    assert broken == [one.id for one in marts.of_mart(MART)]


def test_an_account_that_was_mapped_is_no_alarm(built: tuple[Path, Path]) -> None:
    """Who mends what a mart complains of would be met by the next complaint."""
    for file, schema, unmapped in zip(built, ("marts", "main"), (0, -5), strict=True):
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"""
                create table {schema}.mart_reconciliation as
                select n as row_number, {unmapped} as unmapped, 100 as control, true as is_complete
                from range(30) as t (n)
                """)
    types = {"row_number": "bigint", "unmapped": "decimal(38,4)", "control": "decimal(38,4)"}
    mart = Described("mart_reconciliation", ("row_number",), (), ("control", "unmapped"), types)

    def red() -> list[str]:
        found = marts.judged(built[0], [mart], {mart.name: built[1]})
        return [f"{one.expectation.rule.name}: {one.culprits}" for one in found if not one.is_green]

    assert red() == []
    with duckdb.connect(str(built[0])) as connection:
        connection.execute("update marts.mart_reconciliation set control = 300")
    assert red() == ["magnitude_as_published: ('control',)"]


def test_of_a_mart_that_is_not_built_nothing_is_found_and_of_one_that_can_not_be_read_all_is_red(
    built: tuple[Path, Path],
) -> None:
    """That it is not built is said once, by the gate, with what to mend."""
    warehouse, _ = built
    missing = Described("mart_other", MART.key, MART.measures, MART.added, MART.types)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table marts.mart_odd as select 1 as n")
    odd = Described("mart_odd", MART.key, MART.measures, MART.added, MART.types)
    found = marts.judged(warehouse, [MART, missing, odd], {})
    assert {one.expectation.stream for one in found} == {"mart_usage", "mart_odd"}
    assert {one.expectation.stream for one in found if not one.is_green} == {"mart_odd"}


def test_every_expectation_says_what_red_means_and_has_a_short_name() -> None:
    expected: Sequence[catalogue.Expectation] = [
        one for source in SOURCES.values() for stream in source.streams for one in landed.of_stream(source.name, stream)
    ]
    assert len({one.id for one in expected}) == len(expected) > 300
    for one in expected:
        assert len(one.rule.name) < 30
        assert one.rule.description.startswith("Red: " if one.rule.is_blocking else "Yellow: ")
        assert "Next: " in one.rule.description


def test_a_few_values_of_another_type_are_no_alarm() -> None:
    """Jira has descriptions that an old interface wrote as text among those that are documents."""
    known = Profile(100, 100, {"a": Field(100, {"object": 100})})
    for texts, share in ((1, 0.05), (3, 0.15)):
        now = Profile(100, 20, {"a": Field(20, {"object": 20 - texts, "text": texts})})
        (row,) = rows(known, now, ())
        assert row["of_other_kind"] == pytest.approx(share)
        assert f"{texts} text, object before" in str(row["detail"])


def test_what_grew_while_nobody_read_is_no_alarm_and_what_was_lost_is() -> None:
    """A laptop that was shut for a month must not be met by twenty alarms."""

    def later(records: Mapping[str, Mapping[str, Any] | None], days: int) -> None:
        with Landing("stripe", SOURCES["stripe"].streams) as landing:
            at = NOW + timedelta(days=days)
            landing.land(
                STREAM.name,
                [Record(key, json.dumps(one) if one else None, at, is_deleted=not one) for key, one in records.items()],
            )

    land(many(150))
    look()
    later(many(150, first=500), 40)
    assert look() == {}
    later(many(200, first=1000), 46)
    assert "500 records, 300" in look()["volume_as_before"].text
    later({**dict.fromkeys(many(200, first=1000)), **dict.fromkeys(many(100))}, 90)
    assert "200 records, 500" in look()["volume_as_before"].text
