"""The company's files: what people write lands as they wrote it, or is refused in one line before anything lands."""

import json
from pathlib import Path

import pytest

from ingestion.errors import FileError, Mistakes, SettingsError
from ingestion.sources import SOURCES, LoadOptions, load_source
from sandbox import files
from sandbox.company import Company
from sandbox.company.goals import LISTS
from sandbox.company.structure import HEADERS
from sandbox.timestamps import ms
from sandbox.truth.files import files_records
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.sources import company_folder
from tests.ingestion.sources.company_folder import CHECKINS, CUSTOMER, DECISIONS, KEYS, OKRS, TEAM

NOW = "2026-10-15T06:00:00Z"


@pytest.fixture
def company(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small, valid files."""
    folder = company_folder.write(tmp_path / "company")
    monkeypatch.setenv("PRODOPS_COMPANY", str(folder))
    return folder


def load() -> dict[str, tuple[int, int]]:
    return {one.stream: (one.landed, one.deleted) for one in load_source("files", LoadOptions(), lambda _: None)}


def notes() -> dict[str, str]:
    """What a load had to say, by stream."""
    return {one.stream: one.note for one in load_source("files", LoadOptions(), lambda _: None) if one.note}


def landed(stream: str) -> list[dict[str, str]]:
    return [json.loads(payload) for _, payload, _ in landed_rows("files", stream)]


@pytest.mark.parametrize("seed", [1, 2])
@over("dlt")
def test_the_sandboxes_files_land_row_by_row_and_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    made_up = Company(seed, "tiny")
    files.write(made_up, tmp_path / "company", NOW)
    monkeypatch.setenv("PRODOPS_COMPANY", str(tmp_path / "company"))
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    load()
    for stream in {*HEADERS, *LISTS} - {"fx_rates", "checkins"}:
        assert landed(stream) == made_up.rows(stream, NOW), stream
    checkins = {key: json.loads(payload) for key, payload in landed_rows("files", "checkins", "record_id, payload")}
    assert checkins == files_records(made_up, ms(NOW))["checkins"]
    periods = {(one.name, one.year, one.quarter, str(one.first), str(one.last)) for one in made_up.periods}
    names = ("period", "fiscal_year", "quarter", "first_day", "last_day")
    assert periods <= {tuple(one[name] for name in names) for one in landed("fiscal_periods")}
    assert landed("policy") == [made_up.policy]
    assert set(load().values()) == {(0, 0)}


def test_customers_land_where_the_company_keeps_them_and_need_not_be_kept(company: Path) -> None:
    assert load()["customers"] == (0, 0)
    (company / "segments.csv").write_text("code,name\nsmb,Small\n")
    (company / "customers.csv").write_text(f"{CUSTOMER}\nc1,Acme,,smb,,,,,\nc2,Acme North,c1,,,,,2026-01-01,\n")
    (company / "customer_map.csv").write_text(
        f"{KEYS}\namplitude,acct_1,c1,,2026-01-01\namplitude,acct_1,c2,2026-01-01,\n"
    )
    landed_now = load()
    assert {name: landed_now[name] for name in ("segments", "customers", "customer_map")} == {
        "segments": (1, 0), "customers": (2, 0), "customer_map": (2, 0),
    }  # fmt: skip
    (company / "customer_map.csv").unlink()
    assert load()["customer_map"] == (2, 2)


def test_an_edited_row_lands_anew_and_a_removed_one_as_a_tombstone(company: Path) -> None:
    load()
    (company / "teams.csv").write_text(f"{TEAM}\nt1,Navy,stream,,,,\nt2,Red,platform,,,,\n")
    assert load()["teams"] == (2, 0)
    (company / "teams.csv").write_text(f"{TEAM}\nt1,Navy,stream,,,,\n")
    assert load()["teams"] == (1, 1)
    assert landed_rows("files", "teams", "record_id, is_deleted")[-1] == ("t2/", True)


def test_a_file_as_a_spreadsheet_saves_it_is_read(company: Path) -> None:
    rows = f'{TEAM}\r\nt1,"Blue, light",stream,, ,,\r\n\r\n'
    (company / "teams.csv").write_bytes(b"\xef\xbb\xbf" + rows.encode())
    load()
    assert landed("teams")[0]["name"] == "Blue, light"


def test_of_a_bad_file_nothing_lands_at_all(company: Path) -> None:
    (company / "worker_map.csv").write_text("source\n")
    (company / "decisions.csv").write_text("decision_id\n")
    with pytest.raises(Mistakes, match=r"worker_map\.csv column key: the header must be source,key"):
        load()
    assert all(landed_rows("files", stream.name) == [] for stream in SOURCES["files"].streams)
    assert [finding.ok for finding in SOURCES["files"].check()] == [False, False]


def test_what_is_wrong_in_goals_holds_up_the_goals_alone(company: Path) -> None:
    """A failure here stops revenue and cost because somebody mistyped a target."""
    (company / "okrs.yml").write_text(OKRS)
    (company / "checkins.csv").write_text(f"{CHECKINS}\nK1,2026-07-15,11,hana\n")
    load()
    (company / "okrs.yml").write_text(OKRS.replace("target: 20.50", "target: 10"))
    (company / "checkins.csv").write_text(f"{CHECKINS}\nK1,2026-07-15,12,hana\n")
    (company / "decisions.csv").write_text(f"{DECISIONS}\nd1,Go?,ada,,2026-01-02T09:00:00Z,,,\n")
    (company / "teams.csv").write_text(f"{TEAM}\nt1,Navy,stream,,,,\n")
    assert {stream: count for stream, count in load().items() if count != (0, 0)} == {
        "decisions": (1, 0),
        "teams": (1, 0),
    }
    assert notes() == {
        "key_results": "okrs.yml key_results row 1 column target value '10': must not be start 10 for type increase; "
        "to keep a level, write type stay-above (at least) or stay-below (at most); goals stay as they landed until "
        "this is mended"
    }
    assert [finding.ok for finding in SOURCES["files"].check()] == [False]
    (company / "okrs.yml").write_text("cycles: [\n")
    assert notes()["okr_cycles"].startswith("okrs.yml: is not YAML: line 2")
    (company / "okrs.yml").write_text(OKRS)
    assert load()["checkins"] == (1, 0)
    (company / "decisions.csv").write_text(f"{DECISIONS}\nd1,Go?,ada,,soon,,,\n")
    assert notes()["decisions"].startswith("decisions.csv row 1 column raised_at value 'soon': must be an instant")


def test_check_ins_of_one_day_land_in_order_of_time_else_of_row(company: Path) -> None:
    (company / "okrs.yml").write_text(OKRS)
    rows = [
        "K1,2026-07-15T17:00,13,hana",  # Berlin: 15:00 UTC
        "K1,2026-07-15T09:00:00Z,12,hana",
        "K1,2026-07-15T23:30:00-05:00,14,hana",  # the 16th in Berlin
        "K2,2026-07-15,8,hana",
        "K2,2026-07-15T08:00,9,hana",
        "GONE,2026-07-15,1,hana",
    ]
    (company / "checkins.csv").write_text(f"{CHECKINS},overrides\n" + "".join(f"{row},\n" for row in rows))
    assert notes()["checkins"] == "of no key result: GONE; misspelt, or gone from key_results"
    checkins = {key: json.loads(payload) for key, payload in landed_rows("files", "checkins", "record_id, payload")}
    assert {key: (one["value"], one["day"], one["at"], one["place"]) for key, one in checkins.items()} == {
        "K1/2026-07-15": ("12", "2026-07-15", "2026-07-15T09:00:00Z", "1"),
        "K1/2026-07-15/2": ("13", "2026-07-15", "2026-07-15T15:00:00Z", "2"),
        "K1/2026-07-16": ("14", "2026-07-16", "2026-07-16T04:30:00Z", "1"),
        "K2/2026-07-15": ("8", "2026-07-15", "", "1"),
        "K2/2026-07-15/2": ("9", "2026-07-15", "2026-07-15T06:00:00Z", "2"),
        "GONE/2026-07-15": ("1", "2026-07-15", "", "1"),
    }
    assert set(load().values()) == {(0, 0)}


def test_goals_land_entry_by_entry_with_their_numbers_as_they_stand_there(company: Path) -> None:
    assert load()["key_results"] == (0, 0)
    (company / "okrs.yml").write_text(OKRS)
    (company / "checkins.csv").write_text(f"{CHECKINS}\nK1,2026-07-15,11,hana\n")
    counts = load()
    names = ("okr_cycles", "objectives", "key_results", "key_result_targets", "checkins")
    assert [counts[name][0] for name in names] == [1, 2, 5, 2, 1]
    assert [landed("key_results")[number]["target"] for number in (0, 3)] == ["20.50", ""]
    assert landed_rows("files", "key_result_targets", "record_id")[0] == ("K1/2026-08-01",)
    (company / "okrs.yml").write_text(OKRS.replace("target: 15", "target: 16"))
    assert {name: count for name, count in load().items() if count != (0, 0)} == {"key_result_targets": (1, 0)}


def test_rules_land_version_by_version_with_their_days_and_defaults(company: Path) -> None:
    load()
    (default,) = landed("allocation_rules")
    assert default == {
        "version": "default", "valid_from": None, "valid_to": None, "payroll_by_function": "true",
        "payroll_classed": "left_out", "shared_method": "step_down", "shared_driver": "events",
        "overhead_driver": "cost",
    }  # fmt: skip
    assert "allocation_rules.yml: none is kept" in [finding.what for finding in SOURCES["files"].check()]
    types = ("facilities", "tools", "marketing", "bad_debt", "depreciation")
    assert landed("overhead_types") == [{"version": "default", "cost_type": one} for one in types]
    rules = "versions:\n- {version: a, valid_from: 2026-01-01, overhead_types: [tools], overhead: {driver: fte}}\n"
    (company / "allocation_rules.yml").write_text(rules)
    assert load()["allocation_rules"] == (2, 0), "the default ends where the first version begins"
    assert landed("allocation_rules")[1:] == [
        default | {"valid_to": "2026-01-01"},
        default | {"version": "a", "valid_from": "2026-01-01", "overhead_driver": "fte"},
    ]
    assert landed("overhead_types")[5:] == [{"version": "a", "cost_type": "tools"}]
    assert landed("shared_drivers") == []
    (company / "allocation_rules.yml").write_text(rules.replace("tools]", "tools], shared: {drivers: {p1: revenue}}"))
    assert load()["shared_drivers"] == (1, 0)
    assert landed("shared_drivers") == [{"version": "a", "product_id": "p1", "driver": "revenue"}]
    (company / "allocation_rules.yml").write_text(
        rules.replace("valid_from: 2026-01-01, ", "") + "- {version: b, valid_from: 2026-07-01}\n"
    )
    assert load()["allocation_rules"] == (3, 1), "a holds from the beginning, and the default on no day"


def test_fiscal_periods_land_with_and_without_a_calendar_of_the_companys_own(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    load()
    assert landed("fiscal_periods")[0] == {
        "period": "FY00-P01", "fiscal_year": "FY00", "quarter": "FY00-Q1", "number": 1,
        "first_day": "2000-01-01", "last_day": "2000-01-31",
    }  # fmt: skip
    assert landed("fiscal_periods")[-1]["period"] == "FY28-P12"
    (company / "fiscal_calendar.yml").write_text("pattern: months\nstart_month: 2\nfirst_fiscal_year: FY26\n")
    assert load()["fiscal_periods"] == (360, 312), "FY26 to FY29 have other days, 26 years are gone"


def test_a_missing_file_or_folder_is_named(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (company / "teams.csv").unlink()
    with pytest.raises(FileError, match=r"teams\.csv: the file is missing from the company folder"):
        load()
    monkeypatch.setenv("PRODOPS_COMPANY", str(company / "elsewhere"))
    assert SOURCES["files"].is_configured(), "named, so an error and not a source that is off"
    with pytest.raises(SettingsError, match="PRODOPS_COMPANY"):
        load()
    monkeypatch.delenv("PRODOPS_COMPANY")
    monkeypatch.chdir(company.parent.parent)
    assert not SOURCES["files"].is_configured()
