"""A small made-up company served on loopback, and a client that signs in.

Belongs here: what several tests of the sandbox need. Does not: any expectation.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.types import Receive, Scope, Send

from sandbox.company import DEFAULT_NOW, Company
from sandbox.server import Sandbox, app, serve_in_thread
from sandbox.truth import truth
from sandbox.vendors.jira.api import EMAIL
from tests.once import once


class Client:
    """Asks one sandbox, as the API user unless it is given other credentials."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.sandbox, self.url, self.jira = sandbox, url, f"{url}/jira"
        self.session = requests.Session()
        self.session.auth = (EMAIL, "sandbox-token")

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        more.setdefault("timeout", 10)
        return self.session.request(method, self.jira + path, allow_redirects=False, **more)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text[:300]
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.ask("POST", path, json=body)
        assert answer.status_code == 200, answer.text[:300]
        return answer.json()

    def pages(self, path: str, limit: int = 10_000, **body: Any) -> Iterator[dict[str, Any]]:
        """All pages of an endpoint with tokens."""
        token: dict[str, str] = {}
        for _ in range(limit):
            page = self.post(path, **body, **token)
            yield page
            if page.get("nextPageToken") is None:
                return
            token = {"nextPageToken": page["nextPageToken"]}
        raise AssertionError("the pages do not end")

    def search(self, jql: str, **body: Any) -> list[dict[str, Any]]:
        return [issue for page in self.pages("/rest/api/3/search/jql", jql=jql, **body) for issue in page["issues"]]

    def advance(self, **to: Any) -> requests.Response:
        return self.session.post(f"{self.url}/_sandbox/advance", json=to, timeout=10)


@cache
def made(seed: int) -> Company:
    """A company of a seed, read only and made once."""
    return Company(seed, "tiny")


@cache
def true_marts(seed: int) -> dict[str, list[dict[str, Any]]]:
    """What its marts truly are, read only too: it takes 12 CPU-s, once for all processes of a test run."""

    def make(place: Path) -> None:
        place.write_bytes(pickle.dumps(truth(made(seed), DEFAULT_NOW)))

    marts: dict[str, list[dict[str, Any]]] = pickle.loads(once(f"truth-{seed}", make).read_bytes())
    return marts


Serve = Callable[..., Client]


@pytest.fixture(scope="session")
def company() -> Company:
    """Read only: a test that lets something happen makes its own."""
    return made(1)


class Stage:
    """A running server on which one sandbox after the other plays: to start one takes longer than a test."""

    def __init__(self) -> None:
        self.playing: Sandbox | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.playing is not None
        await self.playing(scope, receive, send)


@pytest.fixture(scope="session")
def stages() -> Iterator[Callable[[], tuple[Stage, str]]]:
    """Gives a stage on which nothing plays, and its url."""
    with ExitStack() as stack:
        known: list[tuple[Stage, str]] = []

        def free() -> tuple[Stage, str]:
            for stage, url in known:
                if stage.playing is None:
                    return stage, url
            stage = Stage()
            known.append((stage, stack.enter_context(serve_in_thread(stage))))
            return known[-1]

        yield free


def _serve(company: Company, stages: Callable[[], tuple[Stage, str]]) -> Iterator[Serve]:
    used: list[tuple[Stage, Client]] = []

    def start(company: Company = company, now: str = DEFAULT_NOW, **options: Any) -> Client:
        stage, url = stages()
        stage.playing = app(company, now, **options)
        used.append((stage, Client(stage.playing, url)))
        return used[-1][1]

    yield start
    for stage, client in used:
        client.session.close()
        stage.playing = None


@pytest.fixture
def serve(company: Company, stages: Callable[[], tuple[Stage, str]]) -> Iterator[Serve]:
    """Serves companies until the test ends: serve(faults=…, page_cap=…, now=…, company=…)."""
    yield from _serve(company, stages)


@pytest.fixture(scope="module")
def serve_all(company: Company, stages: Callable[[], tuple[Stage, str]]) -> Iterator[Serve]:
    """The same until all tests of the file have ended."""
    yield from _serve(company, stages)


@pytest.fixture(scope="session")
def client(company: Company) -> Iterator[Client]:
    """One server for all tests that only read at the default now."""
    sandbox = app(company)
    with serve_in_thread(sandbox) as url:
        yield Client(sandbox, url)
