"""Bad input: one clear line, the right exit code, nothing half-landed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingestion import unread
from ingestion.errors import LeaseError, SourceError, SourceErrors
from ingestion.manifests import Zone, completed_loads
from ingestion.sources import SOURCES
from sandbox import files, server
from sandbox.company import Company
from tests.orchestration.conftest import NOW, prodops
from tests.runbook import drill
from tests.sandbox.conftest import made

JIRA = {"SOURCES__JIRA__EMAIL": "prodops@example.com", "SOURCES__JIRA__API_TOKEN": "sandbox-token", "PRODOPS_NOW": NOW}


@pytest.fixture(scope="module")
def company() -> Company:
    return made(1)


@pytest.fixture
def company_files(company: Company, tmp_path: Path) -> Path:
    files.write(company, tmp_path / "company", NOW)
    return tmp_path / "company"


def nothing_landed(home: Path, source: str) -> bool:
    return not completed_loads(Zone(str(home / "landing")), source)


def test_a_wrong_token(new_home: Callable[[], Path], company: Company) -> None:
    home = new_home()
    with server.serve_in_thread(server.app(company, now=NOW, token="another-token")) as url:
        reported = prodops(home, "load", "jira", **JIRA, SOURCES__JIRA__BASE_URL=f"{url}/jira")
    assert reported.exit_code == 3
    (refused,) = unread.known(SOURCES)
    assert (refused.source, refused.since) == ("jira", "2026-10-15T06:00:00.000000Z")
    assert set(refused.streams) == {stream.name for stream in SOURCES["jira"].streams}
    assert "401" in refused.error
    unread.note(
        SOURCES["jira"], SourceErrors([SourceError("jira", "issues", "gone"), SourceError("jira", "users", "no")])
    )
    assert [(one.streams, one.error) for one in unread.known(SOURCES)] == [
        (("issues",), "jira.issues: gone"), (("users",), "jira.users: no"),
    ]  # fmt: skip
    unread.note(SOURCES["jira"], LeaseError("another load of it is under way"))
    assert len(unread.known(SOURCES)) == 2, "the other load will know"
    unread.note(SOURCES["jira"], None)
    assert unread.known(SOURCES) == []
    assert [line for line in reported.stderr.splitlines() if line.startswith("error:")] == [
        reported.stderr.splitlines()[0]
    ]
    assert "401" in reported.stderr
    assert "sandbox-token" not in reported.output
    assert nothing_landed(home, "jira")


def test_an_unreachable_host(new_home: Callable[[], Path]) -> None:
    home = new_home()
    nowhere = {"SOURCES__JIRA__BASE_URL": "http://127.0.0.1:9", "SOURCES__JIRA__ATTEMPTS": "1"}
    reported = prodops(home, "load", "jira", **JIRA, **nowhere)
    drill("SourceError", reported.exit_code, reported.stderr)
    assert nothing_landed(home, "jira")


def test_a_missing_setting(new_home: Callable[[], Path]) -> None:
    home = new_home()
    reported = prodops(home, "load", "jira", SOURCES__JIRA__EMAIL="a@example.com")
    drill("SettingsError", reported.exit_code, reported.stderr)
    assert nothing_landed(home, "jira")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        pytest.param(
            lambda text: text.replace("product_id", "produkt", 1), ("product_map.csv", "produkt"), id="unknown column"
        ),
        pytest.param(
            lambda text: text + text.splitlines()[1] + "\n", ("product_map.csv", "row"), id="overlapping range"
        ),
    ],
)
def test_a_bad_mapping_file(
    new_home: Callable[[], Path], company_files: Path, spoil: Callable[[str], str], named: tuple[str, ...]
) -> None:
    home = new_home()
    mapping = company_files / "product_map.csv"
    mapping.write_text(spoil(mapping.read_text()))
    reported = prodops(
        home, "load", "files", **JIRA, SOURCES__JIRA__BASE_URL="http://127.0.0.1:9", PRODOPS_COMPANY=str(company_files)
    )
    assert reported.exit_code == 2
    assert [line for line in reported.stderr.splitlines() if line.startswith("error:")] == [
        reported.stderr.splitlines()[0]
    ]
    assert all(name in reported.stderr.splitlines()[0] for name in named)
    if "produkt" in named:
        drill("FileError", reported.exit_code, reported.stderr)
    assert nothing_landed(home, "files")


def test_an_unknown_source(new_home: Callable[[], Path]) -> None:
    reported = prodops(new_home(), "load", "salesforce")
    assert reported.exit_code == 2
    assert reported.stderr == f"error: setting salesforce: no such source; there are {', '.join(SOURCES)}\n"


def test_two_bad_settings(tmp_path: Path) -> None:
    reported = prodops(tmp_path, "run", PRODOPS_NOW="yesterday", PRODOPS_SCALE="huge")
    drill("Mistakes", reported.exit_code, reported.stderr)


def test_a_period_that_has_nothing_to_accept(tmp_path: Path) -> None:
    reported = prodops(tmp_path, "restate", "accept", "FY26-P03")
    drill("RestatementError", reported.exit_code, reported.stderr)
