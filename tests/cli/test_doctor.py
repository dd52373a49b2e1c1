"""What doctor says of sources that are off, shut out or partly forbidden, and which marts they take with them."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingestion.sources import LoadOptions, load_source
from sandbox import server
from sandbox.company import Company
from tests.orchestration.conftest import NOW, prodops
from tests.sandbox.conftest import made

JIRA = {"SOURCES__JIRA__EMAIL": "prodops@example.com", "SOURCES__JIRA__API_TOKEN": "sandbox-token"}
STRIPE = {"SOURCES__STRIPE__API_KEY": "sk_CANARY_wrong"}
FORBIDDEN = {"fault": "status", "source": "jira", "path": "worklog", "status": 403, "count": "always"}


@pytest.fixture(scope="module")
def company() -> Company:
    return made(1)


def section(reported: str, source: str) -> list[str]:
    """The lines about a source, its own first."""
    lines = reported.splitlines()
    first = next(place for place, line in enumerate(lines) if line.split(",")[0] == source)
    rest = next((place for place, line in enumerate(lines[first + 1 :]) if not line.startswith(" ")), len(lines))
    return lines[first : first + 1 + rest]


def test_a_made_up_company_has_nothing_to_fix(new_home: Callable[[], Path]) -> None:
    reported = prodops(new_home(), "doctor")
    assert reported.exit_code == 0, reported.output
    assert "FIX" not in reported.output
    assert reported.output.splitlines()[-1] == "nothing to fix"
    assert section(reported.output, "fx")[0] == "fx, nothing landed yet"
    assert "  ok    read fields, statuses, projects, users, boards, worklogs" in section(reported.output, "jira")


def test_each_source_is_reported_by_itself_with_the_marts_it_takes_along(
    new_home: Callable[[], Path], company: Company
) -> None:
    with server.serve_in_thread(server.app(company, now=NOW, faults=[FORBIDDEN])) as url:
        reported = prodops(
            new_home(), "doctor", **JIRA, **STRIPE, PRODOPS_NOW=NOW,
            SOURCES__JIRA__BASE_URL=f"{url}/jira", SOURCES__STRIPE__BASE_URL=f"{url}/stripe",
        )  # fmt: skip
    assert reported.exit_code == 2
    forbidden, shut_out, off = (section(reported.output, name) for name in ("jira", "stripe", "amplitude"))

    wrong = [line for line in forbidden if "FIX" in line]
    assert len(wrong) == 1
    assert wrong[0].startswith("  FIX   read worklogs: the credentials lack the permission")
    assert "  ok    read issues" in "\n".join(forbidden)
    # No figure of delivery reads worklogs; how new its data is, does.
    without = forbidden[-1].removeprefix("        these marts are without worklogs: ").split(", ")
    of_effort = {"mart_capacity", "mart_effort_error", "mart_epic_cost", "mart_product_cost_range"}
    assert {"mart_data_health", "mart_delivery", *of_effort} <= {*without}
    assert not {"mart_arr", "mart_usage", "mart_revenue", "mart_product_cost"} & {*without}

    assert "FIX   read events: the credentials are wrong or expired" in "\n".join(shut_out)
    assert shut_out[-1].startswith("        these marts are without it: ")
    assert "mart_data_health" in shut_out[-1]
    assert "CANARY" not in reported.output

    assert off[1].startswith(
        "  off   to switch it on: SOURCES__AMPLITUDE__API_KEY, SOURCES__AMPLITUDE__SECRET_KEY: missing; set"
    )
    without = off[2].removeprefix("        these marts are without it: ").split(", ")
    assert {"mart_adoption", "mart_customer", "mart_data_health", "mart_retention", "mart_usage"} <= {*without}
    assert not {"mart_arr", "mart_delivery", "mart_revenue"} & {*without}
    assert reported.output.splitlines()[-1].startswith("2 to fix")


def test_what_landed_last_is_reported(new_home: Callable[[], Path], tmp_path: Path) -> None:
    home, rates = new_home(), tmp_path / "rates.csv"
    rates.write_text("date,currency,rate\n2026-10-14,USD,1.1\n")
    settings = {"SOURCES__FX__PATH": str(rates), "PRODOPS_NOW": NOW}
    before = datetime.now(UTC).replace(second=0, microsecond=0)
    os.environ.update(PRODOPS_HOME=str(home), **settings)
    load_source("fx", LoadOptions(), lambda _: None)
    first, second = section(prodops(home, "doctor", **settings).output, "fx")
    reported = datetime.strptime(f"{first}+0000", "fx, landed last at %Y-%m-%d %H:%M UTC%z")
    assert before <= reported <= datetime.now(UTC)
    assert second == "  ok    read rates of 1 currencies, the newest of 2026-10-14"


def test_pay_that_others_may_read_is_to_be_mended(new_home: Callable[[], Path]) -> None:
    home = new_home()
    landing = home / "restricted" / "landing"
    for folder in (landing.parent, landing):
        folder.mkdir(mode=0o700)
    copied = landing / "copied.parquet"
    copied.touch()
    copied.chmod(0o644)
    reported = prodops(home, "doctor")
    assert reported.exit_code == 2
    assert (
        f"FIX   restricted/ is for its owner alone: 1 in it are not; chmod -R go= {home}/restricted" in reported.output
    )


def test_a_spreadsheet_of_the_companys_own_ends_the_made_up_company(new_home: Callable[[], Path]) -> None:
    reported = prodops(
        new_home(), "doctor", SOURCES__FILES__SPREADSHEET_ID="1abc", PRODOPS_COMPANY=str(Path(__file__).parent)
    )
    assert reported.exit_code == 2
    assert "ok    company company in " in reported.output
    assert "FIX   company files: setting SOURCES__FILES__SERVICE_ACCOUNT: missing" in reported.output
