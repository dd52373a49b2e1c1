"""Homes to load a vendor into: empty ones, and ones in which an earlier state has landed, through dlt."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingestion.file_packages import written_by
from tests.ingestion.sources import amplitude_site, jira_site
from tests.ingestion.sources.amplitude_site import UsageSite
from tests.ingestion.sources.jira_site import Site, site_with_news
from tests.ingestion.sources.vendor_site import copy_home


@pytest.fixture(autouse=True)
def packages(request: pytest.FixtureRequest) -> Iterator[None]:
    """Who writes packages: the stand-in, unless a test says otherwise. Of each source one test at least says so, which
    loads all of it."""
    with written_by(getattr(request, "param", "files")):
        yield


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def landed_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which Jira of the company of seed 1 has landed as it was some days ago."""
    home = tmp_path_factory.mktemp("earlier") / "home"
    with pytest.MonkeyPatch.context() as environment:
        Site(home, environment).load(now=jira_site.EARLIER)
    return home


@pytest.fixture
def later(landed_earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of which an earlier state has landed: the next load brings the few issues that changed since."""
    return site_with_news(copy_home(landed_earlier, tmp_path / "home"), monkeypatch)


@pytest.fixture
def usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UsageSite:
    return UsageSite(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def usage_landed_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a project of the company of seed 1 has landed as it was some days ago."""
    home = tmp_path_factory.mktemp("usage_earlier") / "home"
    with pytest.MonkeyPatch.context() as environment:
        UsageSite(home, environment).load(now=amplitude_site.EARLIER)
    return home


@pytest.fixture
def usage_later(usage_landed_earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UsageSite:
    """Amplitude of which an earlier state has landed: the next load brings the events of three days."""
    return UsageSite(copy_home(usage_landed_earlier, tmp_path / "home"), monkeypatch)
