"""The people of a whole made-up company: what lands is what is true, however it is cut into loads and disturbed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources import LoadOptions
from sandbox.vendors.bamboohr.api import API_KEY, SUBDOMAIN
from tests.end_to_end.bamboohr_facts import BAMBOOHR
from tests.ingestion.conftest import alive, over
from tests.ingestion.sources.vendor_site import NOW, VendorSite, copy_home

EARLIER = "2026-10-12T06:00:00Z"
NOTHING = dict.fromkeys(BAMBOOHR, 0)
ALWAYS = {"count": "always"}
QUIETLY = LoadOptions(census=False)


class PeopleSite(VendorSite):
    source = "bamboohr"
    secret = API_KEY
    facts = BAMBOOHR

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        super().__init__(home, environment, seed)
        self.set(SUBDOMAIN=SUBDOMAIN, API_KEY=API_KEY, START="2025-01-01")


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PeopleSite:
    return PeopleSite(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def people_landed_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("people_earlier") / "home"
    with pytest.MonkeyPatch.context() as environment:
        PeopleSite(home, environment).load(now=EARLIER)
    return home


@pytest.fixture
def later(people_landed_earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PeopleSite:
    return PeopleSite(copy_home(people_landed_earlier, tmp_path / "home"), monkeypatch)


@over("dlt")
def test_what_landed_is_what_is_there_and_a_second_load_lands_nothing(people: PeopleSite) -> None:
    with people.serving():
        assert all(people.run().values())
        people.assert_whole()
        assert people.run() == NOTHING
        assert people.run(QUIETLY) == NOTHING
        assert people.run(LoadOptions(resync=True)) == NOTHING


def test_however_the_period_is_cut_into_loads_and_pages_the_same_is_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two loads people come, go, are corrected and deleted."""
    people = PeopleSite(tmp_path / "home", monkeypatch, seed=4)
    cuts = {"2025-06-03T12:00:00Z": "7", "2026-02-01T00:00:00Z": "1", "2026-10-15T05:59:00Z": "3", NOW: "100"}
    for number, (now, size) in enumerate(cuts.items()):
        people.set(PAGE_SIZE=size)
        people.load(now=now, options=LoadOptions(census=number % 2 == 1))
        people.assert_whole(now)


@pytest.mark.parametrize(
    "faults",
    [
        [
            {"fault": "bamboohr_limited", "retry_after": 0, "count": 3},
            {"fault": "status", "status": 503, "retry_after": 0.01, "nth": 5, "count": 2},
            {"fault": "status", "status": 429, "retry_after": 0.01, "as_date": True, "path": "compensation"},
        ],
        [{"fault": "status", "status": 500, "nth": 4, "count": 5}, {"fault": "reset", "path": "tables/jobInfo"}],
        [{"fault": "cut", "path": "compensation"}, {"fault": "short_length", "at": 60, "path": "employees$"}],
        [{"fault": "bom", **ALWAYS}, {"fault": "reverse", "path": "tables/", **ALWAYS}],
        [{"fault": "duplicate_page", "path": "employees$", "nth": 2}],
    ],
    ids=lambda faults: " ".join(fault["fault"] for fault in faults),
)
def test_what_can_be_recovered_from_is_and_the_run_is_green(later: PeopleSite, faults: list[dict[str, Any]]) -> None:
    later.set(PAGE_SIZE="10")
    later.load(*faults)
    assert any(line["fault"] for line in later.sandbox.log)
    later.assert_whole()


@pytest.fixture(scope="module")
def unlucky(people_landed_earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleSite]:
    """A site that one failure after the other is tried on."""
    with pytest.MonkeyPatch.context() as environment:
        site = PeopleSite(copy_home(people_landed_earlier, tmp_path_factory.mktemp("unlucky") / "home"), environment)
        site.set(PAGE_SIZE="10", ATTEMPTS="2")
        yield site


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ({"fault": "bamboohr_limited", "retry_after": 0, **ALWAYS}, 429, "the rate limit did not clear"),
        ({"fault": "status", "status": 503, "retry_after": 0, **ALWAYS}, 503, "the rate limit did not clear"),
        ({"fault": "status", "status": 502, **ALWAYS}, 502, "gave up after 2 attempts"),
        ({"fault": "status", "status": 403}, 403, "permission"),
        ({"fault": "html_login"}, 200, "not JSON but text/html"),
        ({"fault": "error_body"}, 200, "error inside a good answer"),
        ({"fault": "empty_list", **ALWAYS}, None, "came back empty"),
        ({"fault": "redirect", "to": "https://example.com/login"}, None, "no credential was sent there"),
        ({"fault": "lose_field", "field": "rate"}, None, "may not see rate "),
        ({"fault": "lose_field", "field": "rate", "as_null": True}, None, "may not see rate "),
        ({"fault": "lose_field", "field": "paidPer"}, None, "may not see paidPer "),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_can_not_is_named_and_costs_no_other_stream(
    unlucky: PeopleSite, fault: dict[str, Any], status: int | None, words: str
) -> None:
    before = alive("bamboohr", "compensation").keys()
    (failed,) = unlucky.failures({**fault, "path": "all/tables/compensation$"})
    assert (failed.source, failed.stream, failed.status) == ("bamboohr", "compensation", status)
    assert words in str(failed)
    assert before == alive("bamboohr", "compensation").keys()


def test_a_list_that_can_not_be_trusted_stops_what_is_about_people(unlucky: PeopleSite) -> None:
    failed, *skipped = unlucky.failures({"fault": "lose_field", "field": "workEmail", "path": "employees$", **ALWAYS})
    assert failed.stream == "employees"
    assert "may not see workEmail " in str(failed)
    about_people = {"job_info", "employment_statuses", "compensation", "time_off_requests"}
    assert {error.stream for error in skipped} == about_people


def test_after_all_that_one_clean_run_makes_it_whole(unlucky: PeopleSite) -> None:
    unlucky.load(options=QUIETLY)
    unlucky.assert_whole()


@pytest.mark.parametrize("first", [2, 6, 9])
def test_a_load_that_ends_at_any_request_is_made_whole_by_the_next(later: PeopleSite, first: int) -> None:
    later.set(ATTEMPTS="1")
    later.failures({"fault": "status", "status": 500, "nth": first, **ALWAYS})
    later.load(options=QUIETLY)
    later.assert_whole()


def test_where_the_list_of_employees_is_refused_a_report_lands_the_same(people: PeopleSite) -> None:
    """An API key alone may not read the list; nobody is missing for that, and nobody is taken for deleted."""
    with people.serving({"fault": "status", "status": 403, "path": "/employees$", **ALWAYS}):
        assert all(people.run().values())
        people.assert_whole()
        assert people.run() == NOTHING
    with people.serving():
        people.run()
        people.assert_whole()
