"""Homes to load Jira into: an empty one, and one in which an earlier state has landed."""

from pathlib import Path

import pytest

from tests.ingestion.sources.jira_site import EARLIER, Site, copy_home, site_with_news


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def landed_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the company of seed 1 has landed as it was some days ago."""
    home = tmp_path_factory.mktemp("earlier") / "home"
    with pytest.MonkeyPatch.context() as environment:
        Site(home, environment).load(now=EARLIER)
    return home


@pytest.fixture
def later(landed_earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of which an earlier state has landed: the next load brings the few issues that changed since."""
    return site_with_news(copy_home(landed_earlier, tmp_path / "home"), monkeypatch)
