"""Billing of a whole made-up company: what lands is what is true, however it is paged, cut into loads and disturbed."""

from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources import LoadOptions
from tests.end_to_end.stripe_facts import STRIPE
from tests.ingestion.conftest import alive, over
from tests.ingestion.sources.vendor_site import NOW, VendorSite, copy_home

EARLIER = "2026-10-12T06:00:00Z"
NOTHING = dict.fromkeys(STRIPE, 0)
ALWAYS = {"count": "always"}
QUIETLY = LoadOptions(census=False)


class StripeSite(VendorSite):
    source = "stripe"
    secret = "sk_sandbox"
    facts = STRIPE

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        super().__init__(home, environment, seed)
        billing = copy(self.company.billing)
        billing.changes = list(billing.changes)
        self.company.billing = billing
        self.set(API_KEY=self.secret)


@pytest.fixture
def billing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StripeSite:
    return StripeSite(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def billing_landed_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("billing_earlier") / "home"
    with pytest.MonkeyPatch.context() as environment:
        StripeSite(home, environment).load(now=EARLIER)
    return home


@pytest.fixture
def later(billing_landed_earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StripeSite:
    return StripeSite(copy_home(billing_landed_earlier, tmp_path / "home"), monkeypatch)


@over("dlt")
def test_what_landed_is_what_is_there_and_a_second_load_lands_nothing(billing: StripeSite) -> None:
    with billing.serving():
        first = billing.run()
        assert all(first.values())
        billing.assert_whole()
        assert billing.run() == NOTHING
        assert billing.run(LoadOptions(resync=True)) == NOTHING


def test_however_the_period_is_cut_into_loads_and_pages_the_same_is_alive(billing: StripeSite) -> None:
    cuts = {"2026-09-20T12:00:00Z": "7", "2026-10-11T06:00:00Z": "1", NOW: "100"}
    for now, size in cuts.items():
        billing.set(PAGE_SIZE=size)
        billing.load(now=now, options=LoadOptions(census=now == NOW))
        billing.assert_whole(now)


def test_three_days_later_only_what_changed_is_read_again(later: StripeSite) -> None:
    landed = later.load(options=QUIETLY)
    later.assert_whole()
    assert landed["invoices"]
    assert not landed["products"]
    assert not later.asked("/v1/customers?")
    assert len(later.sandbox.log) < 200


@pytest.mark.parametrize(
    "faults",
    [
        [{"fault": "stripe_limited", "reason": "endpoint-rate", "retry": True, "count": 3}],
        [{"fault": "stripe_limited", "reason": "lock_timeout", "nth": 9, "count": 2}],
        [{"fault": "status", "status": 500, "nth": 4, "count": 5}, {"fault": "reset", "path": "invoices/"}],
        [{"fault": "cut", "path": "v1/events"}, {"fault": "short_length", "at": 60, "path": "v1/customers"}],
        [{"fault": "bom", **ALWAYS}],
        [{"fault": "mutate_billing", "what": "delete", "kind": "customer", "nth": 2, "path": "v1/customers$"}],
        [{"fault": "mutate_billing", "what": "insert", "kind": "coupon", "nth": 2, "path": "v1/customers$"}],
    ],
    ids=lambda faults: " ".join(f"{fault['fault']} {fault.get('reason', fault.get('what', ''))}" for fault in faults),
)
def test_what_can_be_recovered_from_is_and_the_run_is_green(later: StripeSite, faults: list[dict[str, Any]]) -> None:
    later.set(PAGE_SIZE="20")
    later.load(*faults)
    assert any(line["fault"] for line in later.sandbox.log)
    later.assert_whole()


@pytest.fixture(scope="module")
def unlucky(billing_landed_earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeSite]:
    """A site that one failure after the other is tried on."""
    with pytest.MonkeyPatch.context() as environment:
        site = StripeSite(copy_home(billing_landed_earlier, tmp_path_factory.mktemp("unlucky") / "home"), environment)
        site.set(PAGE_SIZE="20", ATTEMPTS="2")
        yield site


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ({"fault": "stripe_limited", **ALWAYS}, 429, "the rate limit did not clear; run again later"),
        ({"fault": "status", "status": 401, "nth": 2}, 401, "make a new token"),
        ({"fault": "status", "status": 403, **ALWAYS}, 403, "permission"),
        ({"fault": "status", "status": 404}, 404, "check BASE_URL"),
        ({"fault": "html_login"}, 200, "not JSON but text/html"),
        ({"fault": "error_body"}, 200, "error inside a good answer"),
        ({"fault": "empty_list", **ALWAYS}, None, "came back empty"),
        ({"fault": "redirect", "to": "https://example.com/login"}, None, "no credential was sent there"),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_what_can_not_is_named_and_costs_no_other_stream(
    unlucky: StripeSite, fault: dict[str, Any], status: int | None, words: str
) -> None:
    before = alive("stripe", "customers").keys()
    failed, *skipped = unlucky.failures({**fault, "path": "v1/customers$"})
    assert (failed.source, failed.stream, failed.status) == ("stripe", "customers", status)
    assert words in str(failed)
    assert [str(error).split(": ")[1] for error in skipped] == [
        "customers skipped, because list of customers failed",
    ]
    assert before <= alive("stripe", "customers").keys()


def test_after_all_that_one_clean_run_makes_it_whole(unlucky: StripeSite) -> None:
    unlucky.load(options=QUIETLY)
    unlucky.assert_whole()


@pytest.mark.parametrize("first", [2, 12])
def test_a_load_that_ends_at_any_request_is_made_whole_by_the_next(later: StripeSite, first: int) -> None:
    later.set(ATTEMPTS="1")
    later.failures({"fault": "status", "status": 500, "nth": first, **ALWAYS})
    later.load(options=QUIETLY)
    later.assert_whole()
