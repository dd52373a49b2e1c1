"""Books of a whole made-up company: what lands is what is true, however it is paged, cut into loads and disturbed."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from ingestion.sources import LoadOptions
from ingestion.sources.quickbooks.api import QuickBooksApi, QuickBooksSettings
from sandbox import files, vendors
from sandbox.vendors import quickbooks
from tests.end_to_end.quickbooks_facts import QUICKBOOKS
from tests.ingestion.sources.vendor_site import NOW, VendorSite, copy_home

EARLIER = "2026-10-05T18:00:00Z"
MONTH_LATER = "2026-11-05T06:00:00Z"
NOTHING = dict.fromkeys(QUICKBOOKS, 0)
QUIETLY = LoadOptions(census=False)


class BooksSite(VendorSite):
    source = "quickbooks"
    secret = quickbooks.CLIENT_SECRET
    facts = QUICKBOOKS

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        super().__init__(home, environment, seed)
        bookkeeping = copy(self.company.bookkeeping)
        bookkeeping.changes = list(bookkeeping.changes)
        self.company.bookkeeping = bookkeeping
        environment.setenv("PRODOPS_COMPANY", str(home / "company"))
        files.write(self.company, home / "company", NOW)

    @contextmanager
    def serving(self, *faults: dict[str, Any], now: str = NOW, **limits: Any) -> Iterator[str]:
        with super().serving(*faults, now=now, **limits) as url:
            for name, value in vendors.settings(url).items():
                if "__QUICKBOOKS__" in name:
                    self.environment.setenv(name, value)
            yield url


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BooksSite:
    return BooksSite(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def books_landed_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("books_earlier") / "home"
    with pytest.MonkeyPatch.context() as environment:
        BooksSite(home, environment).load(now=EARLIER, page_cap=30)
    return home


@pytest.fixture
def later(books_landed_earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BooksSite:
    return BooksSite(copy_home(books_landed_earlier, tmp_path / "home"), monkeypatch)


def test_what_landed_is_what_is_there_then_and_now_and_nothing_twice(later: BooksSite) -> None:
    later.assert_whole(EARLIER)
    with later.serving():
        landed = later.run(QUIETLY)
        assert 0 < landed["invoices"] < 30
        later.assert_whole()
        assert later.run() == NOTHING
        assert later.run(LoadOptions(resync=True)) == NOTHING
        assert len(later.asked("tokens/bearer")) == 1


def test_a_state_older_than_a_month_is_read_again_whole(later: BooksSite) -> None:
    later.load(now=MONTH_LATER, options=QUIETLY)
    later.assert_whole(MONTH_LATER)
    assert later.asked("/cdc") == []


def test_what_goes_wrong_on_the_way_changes_nothing(later: BooksSite) -> None:
    faults: list[dict[str, Any]] = [
        {"fault": "status", "path": "query|cdc", "nth": 3, "count": 3, "status": 429},
        {"fault": "status", "path": "cdc", "nth": 5, "count": 2, "status": 503},
        {"fault": "reset", "path": "cdc", "nth": 9},
        {"fault": "cut", "path": "reports", "at": 3000},
        # an hour passes between two requests, and with it the access token
        {"fault": "advance", "path": "cdc", "nth": 12, "seconds": 3700},
    ]
    with later.serving(*faults):
        later.run(QUIETLY)
    assert all(rule.seen >= rule.nth for rule in later.sandbox.rules)
    assert len(later.asked("tokens/bearer")) == 2
    assert len([line for line in later.sandbox.log if line["status"] == 401]) == 1
    later.assert_whole()


def test_a_new_token_that_is_lost_on_its_way_ends_in_a_clear_reconnect(books: BooksSite) -> None:
    (error,) = books.failures({"fault": "reset", "path": "tokens"})
    assert len(books.asked("tokens/bearer")) == 2
    assert "connect the app to the company again and set SOURCES__QUICKBOOKS__REFRESH_TOKEN" in error.hint


def test_what_happens_while_somebody_reads_is_found_by_the_next_load(later: BooksSite) -> None:
    known = later.company.bookkeeping.books(NOW).records
    first = {"JournalEntry": "delete", "Bill": "edit", "Invoice": "insert"}
    mutations = [
        {"fault": "mutate_books", "path": "query", "nth": nth, "what": what, "kind": kind, "record": min(known[kind])}
        for nth, (kind, what) in enumerate(first.items(), start=12)
    ]
    with later.serving(*mutations, page_cap=30):
        later.run(LoadOptions(resync=True))
        later.run(QUIETLY)
    later.assert_whole()


def test_of_processes_that_read_at_once_one_refreshes(books: BooksSite) -> None:
    context = multiprocessing.get_context("fork")
    with books.serving() as url:
        settings = vendors.settings(url)
        given = {
            name.rpartition("__")[2].lower(): value for name, value in settings.items() if "__QUICKBOOKS__" in name
        }
        together = context.Barrier(4)

        def read() -> None:
            api = QuickBooksApi(QuickBooksSettings.model_validate(given))
            together.wait()
            api.preferences()

        processes = [context.Process(target=read) for _ in range(4)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(20)
        assert [process.exitcode for process in processes] == [0] * 4
        assert len(books.asked("tokens/bearer")) == 1
        assert len(books.asked("query")) == 4
