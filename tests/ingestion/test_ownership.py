"""A home belongs to one company, also for a source that is run alone.

A failure means that two companies' records land in one home and are added up.
"""

import json
from pathlib import Path

import pytest

from ingestion.manifests import Zone
from ingestion.ownership import claim
from ingestion.sources import print_load
from tests.ingestion.scripted_server import answer, scripted


@pytest.fixture
def rates(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A source that is set up: exchange rates in a file."""
    file = home.parent / "rates.csv"
    file.write_text("date,currency,rate\n2026-01-02,USD,1.1\n")
    monkeypatch.setenv("SOURCES__FX__PATH", str(file))
    return file


def record() -> object:
    return json.loads(Zone().read("_company.json") or "null")


def test_a_source_alone_claims_a_new_home_and_comes_again(rates: Path) -> None:
    assert print_load("fx") == 0
    assert record() == {"company": "company", "sites": {}}
    assert print_load("fx") == 0


def test_a_made_up_companys_home_is_refused_to_real_credentials(
    rates: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claim("sandbox-7")
    assert print_load("fx") == 2
    assert "holds the data of sandbox-7, but this run is for company; give that one a home" in capsys.readouterr().err
    assert not list(Path(Zone().path("")).glob("fx/**/*.parquet"))


def test_another_site_of_the_same_vendor_is_refused(
    rates: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted(answer("{}", "401 No")) as server:
        for name, value in {"EMAIL": "a@example.com", "API_TOKEN": "CANARY", "BASE_URL": server.url}.items():
            monkeypatch.setenv(f"SOURCES__JIRA__{name}", value)
        assert print_load("jira") == 3
        monkeypatch.setenv("SOURCES__JIRA__BASE_URL", "https://other.example.com")
        assert print_load("jira") == 2
    assert "this run is for company, jira at https://other.example.com" in capsys.readouterr().err


def test_without_credentials_a_companys_home_is_not_the_made_up_ones(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODOPS_COMPANY", str(home / "files"))
    print_load("files")
    assert record() is None, "whose it is nobody knows yet"
    claim("company")
    assert print_load("files") == 2
    assert "holds the data of company, but this run is for sandbox-1" in capsys.readouterr().err
