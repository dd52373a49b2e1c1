"""A vendor's account of a few records that a test makes, and a home to load it into.

Belongs here: loading it and telling what that did, whichever vendor it is. Does not: what a vendor answers, the vendors
of the made-up company (vendor_site.py).
"""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ingestion.errors import SourceError, SourceErrors
from ingestion.landing import Landed, Landing
from ingestion.sources import SOURCES, LoadOptions


class SmallAccount(ABC):
    source: ClassVar[str]
    secret: ClassVar[str]

    def __init__(self, home: Path, environment: pytest.MonkeyPatch) -> None:
        self.home, self.environment = home, environment
        self.log: list[str] = []
        environment.setenv("PRODOPS_HOME", str(home))
        environment.delenv("PRODOPS_LANDING", raising=False)
        self.set(RETRY_WAIT="0.001", LONGEST_WAIT="0.01", ATTEMPTS="2")

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self.environment.setenv(f"SOURCES__{self.source}__{name}".upper(), value)

    @abstractmethod
    def serving(self) -> AbstractContextManager[object]:
        """Serves the account and sets the address at which it does, and the clock."""

    def load(self, commits: int | None = None, **options: Any) -> list[Landed]:
        """What a load did, which is killed after so many of its commits."""
        done: list[Landed] = []
        with self.serving(), Landing(self.source, SOURCES[self.source].streams) as landing:
            for landed in SOURCES[self.source].load(landing, LoadOptions(**options)):
                done.append(landed)
                if commits is not None and len([one for one in done if one.load_id]) > commits:
                    break
        return done

    def landed(self, **options: Any) -> dict[str, int]:
        """How many versions landed of each stream that has any."""
        counts: dict[str, int] = {}
        for one in self.load(**options):
            counts[one.stream] = counts.get(one.stream, 0) + one.landed
        return {stream: count for stream, count in counts.items() if count}

    def failures(self, **options: Any) -> list[SourceError]:
        """The errors of the streams that failed."""
        with pytest.raises((SourceError, SourceErrors)) as caught:
            self.load(**options)
        assert self.secret not in str(caught.value) + repr(caught.value.__context__)
        if isinstance(caught.value, SourceErrors):
            return list(caught.value.errors)
        assert isinstance(caught.value, SourceError)
        return [caught.value]
