"""One vendor of the made-up company over HTTP, and a home to load it into.

Belongs here: serving and loading, whichever vendor it is. Does not: a vendor's settings, facts and truth.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ingestion.errors import SourceError, SourceErrors
from ingestion.sources import SOURCES, LoadOptions, load_source
from sandbox import truth
from sandbox.server import Sandbox, app, serve_in_thread
from tests.ingestion.conftest import alive
from tests.sandbox.conftest import made

NOW = "2026-10-15T06:00:00Z"
QUICK = {"RETRY_WAIT": "0.001", "LONGEST_WAIT": "0.02", "READ_TIMEOUT": "1", "TOTAL_TIMEOUT": "20"}


class VendorSite:
    """The vendor ``source`` of one company and one home to load it into."""

    source: ClassVar[str]
    secret: ClassVar[str]
    facts: ClassVar[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]]
    """What a payload of each stream says, in the names of the truth."""

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, seed: int = 1) -> None:
        self.home, self.environment = home, environment
        # what happens in one test must not have happened in the next; the rest of a company never changes
        whole = made(seed)
        assert whole.usage  # is made once, so before the company is copied
        self.company = copy(whole)
        self.company.events = list(self.company.events)
        self.sandbox: Sandbox
        environment.setenv("PRODOPS_HOME", str(home))
        environment.delenv("PRODOPS_LANDING", raising=False)
        self.set(**QUICK)

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.environment.setenv(f"SOURCES__{self.source}__{name}".upper(), value)

    @contextmanager
    def serving(self, *faults: dict[str, Any], now: str = NOW, **limits: Any) -> Iterator[str]:
        self.sandbox = app(self.company, now, faults, token=self.secret, **limits)
        self.environment.setenv("PRODOPS_NOW", now)
        with serve_in_thread(self.sandbox) as url:
            self.set(BASE_URL=f"{url}/{self.source}")
            yield url

    def run(self, options: LoadOptions | None = None) -> dict[str, int]:
        """Loads from what is being served; how many versions landed of each stream."""
        landed = dict.fromkeys((stream.name for stream in SOURCES[self.source].streams), 0)

        def count(one: Any) -> None:
            landed[one.stream] += one.landed

        load_source(self.source, options or LoadOptions(), count)
        return landed

    def load(
        self, *faults: dict[str, Any], now: str = NOW, options: LoadOptions | None = None, **limits: Any
    ) -> dict[str, int]:
        """Loads under the faults; how many versions landed of each stream."""
        with self.serving(*faults, now=now, **limits):
            return self.run(options)

    def failures(
        self, *faults: dict[str, Any], now: str = NOW, options: LoadOptions | None = None, **limits: Any
    ) -> list[SourceError]:
        """Loads under faults that can't be recovered from; the errors of the streams that failed."""
        with pytest.raises((SourceError, SourceErrors)) as caught:
            self.load(*faults, now=now, options=options, **limits)
        error = caught.value
        assert self.secret not in str(error)
        return list(error.errors) if isinstance(error, SourceErrors) else [error]

    def assert_whole(self, now: str = NOW) -> None:
        """What landed is what is there: every stream, every record, its facts; nothing twice, nothing else. What
        differs is named, never shown: it may be somebody's pay."""
        expected = truth.landed_from(self.source, self.company, now)
        assert expected.keys() == self.facts.keys()
        landed = {stream: alive(self.source, stream) for stream in self.facts}
        children = Counter(
            (stream.rpartition("_")[2], owner) for stream, found in landed.items() for owner, _ in found.values()
        )
        for stream, facts in self.facts.items():
            assert landed[stream].keys() == expected[stream].keys(), stream
            wrong = set()
            for key, (owner, text) in landed[stream].items():
                # a record embeds only the first ten of its children: they are counted where they landed
                reported = {"parent_id": owner} | {name: children[name, key] for name in ("items", "lines")}
                reported |= facts(json.loads(text))
                wrong |= {(key, name) for name, value in expected[stream][key].items() if reported[name] != value}
            assert not wrong, stream

    def asked(self, path: str) -> list[dict[str, Any]]:
        return [line for line in self.sandbox.log if path in line["path"]]


def copy_home(landed: Path, to: Path) -> Path:
    """What counts of a home: dlt's scratch, two thirds of its files, is of no use to the next landing."""
    shutil.copytree(landed, to, ignore=shutil.ignore_patterns("dlt"))
    return to
