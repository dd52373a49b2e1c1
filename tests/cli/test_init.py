"""prodops init: what it writes, what it leaves alone, and what it says when something is missing or out of order.

Belongs here: the command on a home where little has landed. Does not: the whole way over HTTP
(tests/end_to_end/test_first_day.py), what records become (tests/quality/test_first_files.py).
A failure means that a newcomer's work is overwritten, or that they are stuck.
"""

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from ingestion.errors import FileError
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from ingestion.sources.files.checks import CompanyFiles
from ingestion.sources.files.rows import SHEETS
from tests.ingestion.file_packages import written_by
from tests.orchestration.conftest import NOW, prodops

SETTINGS = {
    "SOURCES__JIRA__BASE_URL": "https://example.atlassian.net",
    "SOURCES__JIRA__EMAIL": "ada@example.com",
    "SOURCES__JIRA__API_TOKEN": "token",
    "SOURCES__STRIPE__API_KEY": "rk_test_1",
    "PRODOPS_NOW": NOW,
}
PROJECTS = {"1": {"key": "PAY", "name": "Payments"}, "2": {"key": "OPS", "name": "Operations"}}
SINCE = int(datetime(2025, 11, 3, tzinfo=UTC).timestamp())
LEFT = "  TO DO   "


@pytest.fixture(autouse=True)
def _packages() -> Iterator[None]:
    with written_by("files"):
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the company's files will be."""
    return tmp_path / "company"


def init(home: Path, *given: str, **settings: str) -> Result:
    """Typed where there is no terminal."""
    company = {"PRODOPS_COMPANY": str(home.parent / "company")}
    return prodops(home, "init", *given, **{**SETTINGS, **company, **settings})


def land(home: Path, source: str, **streams: dict[str, Any]) -> None:
    os.environ["PRODOPS_HOME"] = str(home)
    at = datetime.fromisoformat(NOW)
    with Landing(source, SOURCES[source].streams) as landing:
        for stream, records in streams.items():
            landing.land(stream, [Record(key, json.dumps(one), at) for key, one in records.items()])


def landed(home: Path, *currencies: str) -> None:
    """Two projects; one product, and a customer with a contract in each of the currencies."""
    land(home, "jira", projects=PROJECTS)
    contract = {"customer": "cus_1", "start_date": SINCE, "ended_at": None}
    land(
        home,
        "stripe",
        products={"prod_1": {"name": "Payments"}},
        customers={"cus_1": {"name": "Acme"}},
        subscriptions={f"sub_{one}": {**contract, "currency": one} for one in currencies},
    )


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_settings_are_written_where_there_are_none_and_never_again(home: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.env"
    first = prodops(home, "init", PRODOPS_ENV_FILE=str(settings))
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith(f"wrote {settings}, which nobody else can read")
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    assert not home.exists()
    settings.write_text("# mine\n")
    again = prodops(home, "init", PRODOPS_ENV_FILE=str(settings))
    assert (again.exit_code, settings.read_text()) == (2, "# mine\n")
    assert again.stderr.startswith(f"error: setting {settings}: has no setting in it; fill in a source as in .env.ex")


def test_the_made_up_company_has_its_files(home: Path) -> None:
    refused = prodops(home, "init")
    assert refused.exit_code == 2
    assert "so this is the made-up company, which has its files; fill in Jira and Stripe there" in refused.stderr


def test_before_a_load_there_is_nothing_to_fill_files_from(home: Path, folder: Path) -> None:
    """Of the sources alone: a load of all would look for the company's files, which are not there."""
    refused = init(home)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"error: setting PRODOPS_HOME={home}: nothing of jira or stripe has landed there yet; "
        "prodops load jira stripe, then prodops init\n"
    )
    assert not folder.exists()
    looked_for = prodops(home, "load", **SETTINGS, PRODOPS_COMPANY=str(folder))
    assert (looked_for.exit_code, "or have it made: prodops init" in looked_for.stderr) == (2, True)


def test_every_file_is_written_and_fits(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    landed(home, "usd")
    done = init(home)
    assert done.exit_code == 0, done.output
    assert LEFT not in done.stdout
    written = texts(folder)
    assert written.keys() == {*(f"{name}.csv" for name in SHEETS), "policy.yml", "okrs.yml"}
    assert {name: text.splitlines()[0] for name, text in written.items() if name.endswith(".csv")} == {
        f"{name}.csv": ",".join(sheet.row.columns()) for name, sheet in SHEETS.items()
    }
    assert written["policy.yml"] == "reporting_time_zone: UTC\nreporting_currency: USD\n"
    assert written["products.csv"].splitlines()[1:] == [
        "operations,Operations,product,,,,,",
        "payments,Payments,product,,,,,",
    ]
    assert "stripe,product,prod_1,exact,payments,1,,,Payments\n" in written["product_map.csv"]
    assert written["customers.csv"].splitlines()[1:] == ["cus_1,Acme,,,,,,,"]
    assert written["teams.csv"].splitlines()[1:] == ["everyone,Everyone,stream,,,,"]
    assert "  wrote   teams.csv: 1 row, for all, because no team is on any issue\n" in done.stdout
    assert "  note    name your teams in teams.csv as Jira's team field calls them, once it does\n" in done.stdout
    assert [written[name].count("\n") for name in ("fx_plan.csv", "segments.csv")] == [1, 1], "a header alone"
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    assert CompanyFiles(folder, {}).tables["key_results"].rows == []
    # what it shows as an example fits as well
    (folder / "okrs.yml").write_text(written["okrs.yml"].replace(" []\n#", "\n").replace("parent: O2", "parent: O9"))
    with pytest.raises(FileError, match=r"^okrs\.yml parents row 1 column parent value 'O9': must be the id of an"):
        CompanyFiles(folder, {})
    (folder / "okrs.yml").write_text(written["okrs.yml"])
    again = init(home)
    assert (again.exit_code, texts(folder)) == (0, written)
    assert "  kept    products.csv: it is filled already; nothing in it was changed\n" in again.stdout


def test_what_a_person_filled_stays_as_it_is_and_the_rest_goes_by_it(home: Path, folder: Path) -> None:
    landed(home, "eur")
    folder.mkdir()
    mine = "product_id,name,level,parent_id,owner,lifecycle,valid_from,valid_to\r\nP-7,PAYMENTS,product,,ada,,,\r\n"
    (folder / "products.csv").write_text(mine, newline="")
    (folder / "segments.csv").write_text("code,name\n")
    (folder / "policy.yml").write_text("reporting_currency: EUR\nreporting_time_zone: Asia/Tokyo\ntrials_count: true\n")
    before = texts(folder)
    done = init(home)
    assert done.exit_code == 0, done.output
    after = texts(folder)
    assert {name: after[name] for name in before} == before
    assert (folder / "products.csv").read_bytes() == mine.encode()
    assert after["product_map.csv"].splitlines()[1:] == [
        "jira,project,PAY,exact,P-7,1,,,Payments",
        "stripe,product,prod_1,exact,P-7,1,,,Payments",
    ]
    for said in (
        "  kept    products.csv: it is filled already",
        "  kept    policy.yml: it is filled already",
        "  note    called like no product of the company's: Operations (jira project); add them to product_map.csv\n",
    ):
        assert said in done.stdout


def test_a_mistake_in_a_file_that_is_there_is_named_and_nothing_is_written(home: Path, folder: Path) -> None:
    landed(home, "eur")
    folder.mkdir()
    (folder / "products.csv").write_text("product_id;name\np1;Pay\n")
    refused = init(home)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "error: products.csv: its values stand between semicolons; save it as CSV with commas\n"
    assert list(texts(folder)) == ["products.csv"]


def test_nothing_to_name_a_product_by_is_left_to_a_person(home: Path, folder: Path) -> None:
    """Nothing is made up: the run would say the same."""
    land(home, "stripe", customers={"cus_1": {"name": "Acme"}})
    done = init(home)
    assert done.exit_code == 2
    left = [line.removeprefix(LEFT) for line in done.stdout.splitlines() if line.startswith(LEFT)]
    assert left == [
        "nothing of jira has landed; prodops load jira, then prodops init",
        "products.csv: has no rows; write them below the header",
        "product_map.csv: has no rows; write them below the header",
    ]
    land(home, "jira", projects=PROJECTS)
    assert init(home).exit_code == 0, "a header alone is no file that somebody filled"
    assert "Payments" in (folder / "products.csv").read_text()


def test_a_rate_that_contracts_need_is_named_with_every_way_to_give_it(home: Path, folder: Path) -> None:
    landed(home, "eur", "kwd", "usd")
    done = init(home)
    assert done.exit_code == 2
    assert (
        "  TO DO   contracts are in KWD (FY25, FY26), USD (FY25, FY26) too, and no rates have landed: set "
        "SOURCES__FX__URL=https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip in "
    ) in done.stdout
    assert "or prodops init --rate KWD=… --rate USD=… (how much of it one euro is)\n" in done.stdout
    assert not (folder / "fx_rates.csv").exists()

    days = ("2024-12-31", "2025-11-28", "2025-12-31", "2026-10-15")
    months = [f"2026-{month:02d}-{28 if month == 2 else 30}" for month in range(1, 10)]
    rates = {f"{day}/USD": {"date": day, "currency": "USD", "rate": "1.1"} for day in (*days, *months)}
    land(home, "fx", rates=rates)
    known = init(home)
    assert known.exit_code == 2
    assert "contracts are in KWD (FY25, FY26) too, of which no rate has landed: " in known.stdout
    mine = (folder / "fx_plan.csv").read_text().replace("USD,FY26,1.1", "USD,FY26,1.25")
    (folder / "fx_plan.csv").write_text(mine)

    given = init(home, "--rate", "KWD=0.33")
    assert given.exit_code == 0, given.output
    assert (folder / "fx_plan.csv").read_text() == f"{mine}KWD,FY25,0.33\nKWD,FY26,0.33\n"
    daily = (folder / "fx_rates.csv").read_text().splitlines()
    assert daily[:2] == ["date,currency,rate", "2025-11-30,KWD,0.33"]
    assert {line.split(",")[1] for line in daily[1:]} == {"KWD"}
    before = texts(folder)
    assert init(home, "--rate", "KWD=9").exit_code == 0
    after = texts(folder)
    assert after["fx_plan.csv"] == before["fx_plan.csv"], "what is there is not changed"


def test_rates_of_a_company_are_read_from_its_folder(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    landed(home, "eur", "usd")
    init(home, "--rate", "USD=1.1")
    for name, value in {"PRODOPS_HOME": home, "PRODOPS_COMPANY": folder, "PRODOPS_NOW": NOW}.items():
        monkeypatch.setenv(name, str(value))
    assert SOURCES["fx"].is_configured()
    assert not SOURCES["fx"].has_credentials(), "rates alone are nobody's real company"
    assert SOURCES["fx"].check()[0].what == "read rates of 1 currencies, the newest of 2026-10-15"
    (folder / "fx_rates.csv").unlink()
    assert not SOURCES["fx"].is_configured()


def test_answers_that_make_no_sense_are_asked_for_again(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed(home, "eur", "kwd")
    land(home, "fx", rates={"2026-10-14/USD": {"date": "2026-10-14", "currency": "USD", "rate": "1.1"}})
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)  # all else is as at a terminal
    answers = ["euro", "", "Berlin", "Europe/Berlin", "13", "2", " Red ,, Blue", "0,33", "0.33", ""]
    for name, value in {**SETTINGS, "PRODOPS_HOME": home, "PRODOPS_COMPANY": folder}.items():
        monkeypatch.setenv(name, str(value))
    done = CliRunner().invoke(main, ["init"], input="\n".join(answers))
    assert done.exit_code == 0, done.output
    for again in (
        "a currency like EUR, please",
        "a time zone like Europe/Berlin, please",
        "1 to 12, please",
        "1.25, say",
    ):
        assert done.stdout.count(again) == 1
    written = texts(folder)
    assert written["policy.yml"] == "reporting_time_zone: Europe/Berlin\nreporting_currency: EUR\n"
    assert written["fiscal_calendar.yml"] == "pattern: months\nstart_month: 2\nfirst_fiscal_year: FY00\n"
    assert written["teams.csv"].splitlines()[1:] == ["red,Red,stream,,,,", "blue,Blue,stream,,,,"]
    assert written["fx_plan.csv"].splitlines()[1:] == ["KWD,FY26,0.33", "KWD,FY27,0.33"]


@pytest.mark.parametrize("rate", ["KWD", "KWD=0,33", "kwd=1", "KWD=0", "KWD=-1", "KWD=1e3"])
def test_a_rate_that_is_none_is_refused_before_anything_is_done(home: Path, folder: Path, rate: str) -> None:
    refused = init(home, "--rate", rate)
    assert refused.exit_code == 2
    assert refused.stderr == (
        f"error: setting --rate {rate}: give a currency and how much of it one euro is, like --rate USD=1.08\n"
    )
    assert not folder.exists()


def test_a_table_of_a_header_alone_is_empty_where_a_company_may_do_without_it(home: Path, folder: Path) -> None:
    landed(home, "eur")
    init(home)
    assert CompanyFiles(folder, {}).tables["segments"].rows == []
    (folder / "teams.csv").write_text((folder / "teams.csv").read_text().splitlines()[0])
    with pytest.raises(FileError, match=r"teams\.csv: has no rows"):
        CompanyFiles(folder, {})
