"""The company's files: what people write lands as they wrote it, or is refused in one line before anything lands."""

import json
from pathlib import Path

import pytest

from ingestion.errors import FileError, SettingsError
from ingestion.sources import SOURCES, LoadOptions, load_source
from sandbox import files
from sandbox.company import Company
from tests.ingestion.conftest import landed_rows

NOW = "2026-10-15T06:00:00Z"
PRODUCT = "product_id,name,level,parent_id,owner,lifecycle,valid_from,valid_to"
MAP = "source,object_type,key,match,product_id,weight,valid_from,valid_to,reason"
CUSTOMER = "customer_id,name,parent_id,segment,market,country,industry,valid_from,valid_to"
KEYS = "source,key,customer_id,valid_from,valid_to"
TEAM = "team_id,name,type,function,parent_id,valid_from,valid_to"


@pytest.fixture
def company(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small, valid files."""
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "products.csv").write_text(f"{PRODUCT}\np1,Pay,product,,,,,\np2,Ship,product,,,,,2026-01-01\n")
    (folder / "product_map.csv").write_text(
        f"{MAP}\njira,project,PAY,exact,p1,0.6,,,\njira,project,PAY,exact,p2,0.4,,,\njira,epic,PAY-1,exact,p2,1,,,\n"
    )
    (folder / "teams.csv").write_text(f"{TEAM}\nt1,Blue,stream,,,,\n")
    (folder / "policy.yml").write_text("reporting_time_zone: Europe/Berlin\nreporting_currency: EUR\n")
    monkeypatch.setenv("PRODOPS_COMPANY", str(folder))
    return folder


def load() -> dict[str, tuple[int, int]]:
    return {one.stream: (one.landed, one.deleted) for one in load_source("files", LoadOptions(), lambda _: None)}


def landed(stream: str) -> list[dict[str, str]]:
    return [json.loads(payload) for _, payload, _ in landed_rows("files", stream)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sandboxes_files_land_row_by_row_and_once(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    made_up = Company(seed, "tiny")
    files.write(made_up, tmp_path / "company", NOW)
    monkeypatch.setenv("PRODOPS_COMPANY", str(tmp_path / "company"))
    load()
    for stream in ("products", "product_map", "teams"):
        assert landed(stream) == made_up.rows(stream, NOW)
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


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("products.csv", f"{PRODUCT},colour\n", "products.csv column colour: the header must be product_id,name"),
        ("products.csv", PRODUCT.replace("level,", "") + "\n", "products.csv column level: the header must be"),
        ("products.csv", PRODUCT + ",name\n", "products.csv column name: the header must be"),
        ("products.csv", "name," + PRODUCT.replace("name,", "") + "\n", "the header must be product_id,name"),
        ("products.csv", "", "products.csv column product_id: the header must be"),
        ("products.csv", f"{PRODUCT}\n", "products.csv: has no rows"),
        ("products.csv", f"{PRODUCT}\np1,Pay,product,,,,\n", "products.csv row 1: must have 8 values, but has 7"),
        (
            "products.csv",
            f"{PRODUCT}\np1,Pay,thing,,,,,\n",
            "row 1 column level value 'thing': Input should be",
        ),
        (
            "products.csv",
            f"{PRODUCT}\np1,Pay,product,,,,1.1.2026,\n",
            "'1.1.2026': must be a day like 2026-01-31",
        ),
        ("products.csv", f"{PRODUCT}\np1,Pay,product,,,,2026-02-30,\n", "column valid_from value '2026-02-30'"),
        ("products.csv", f"{PRODUCT}\np1,P,product,,,,2026-02-01,2026-01-01\n", "must be after valid_from 2026-02-01"),
        ("products.csv", f"{PRODUCT}\np1,P,product,,,,,\np1,Q,product,,,,2026-01-01,\n", "same time as row 1"),
        ("products.csv", f"{PRODUCT}\np1,P,product,p9,,,,\n", "value 'p9': must be another product_id of this file"),
        ("products.csv", f"{PRODUCT}\np1,P,product,p1,,,,\n", "value 'p1': must be another product_id of this file"),
        ("product_map.csv", f"{MAP}\nerp,project,A,exact,p1,1,,,\n", "column source value 'erp': must be one of jira"),
        (
            "product_map.csv",
            f"{MAP}\njira,label,A,exact,p1,1,,,\n",
            "object_type value 'label': must be one of epic",
        ),
        ("product_map.csv", f"{MAP}\njira,project,A,regex,p1,1,,,\n", "column match value 'regex'"),
        ("product_map.csv", f"{MAP}\njira,project,A,exact,p9,1,,,\n", "must be a product_id of products.csv"),
        ("product_map.csv", f"{MAP}\njira,project,A,exact,p1,1.5,,,\n", "column weight value '1.5'"),
        ("product_map.csv", f"{MAP}\njira,project,A,exact,p1,,,,\n", "row 1 column weight value ''"),
        (
            "product_map.csv",
            f"{MAP}\njira,project,A,exact,p1,0.9,,,\n",
            "add up to 1; here 0.9 from the beginning",
        ),
        (
            "product_map.csv",
            f"{MAP}\njira,project,A,exact,p1,1,,2026-01-01,\njira,project,A,exact,p1,1,2025-12-31,,\n",
            "row 2 column valid_from value '2025-12-31': must not be valid at the same time as row 1",
        ),
        (
            "product_map.csv",
            f"{MAP}\njira,project,A,exact,p1,0.5,,,\njira,project,A,exact,p2,0.5,,2026-01-01,\n",
            "row 2 column weight value '0.5': the weights of a key must add up to 1; here 0.5 from 2026-01-01",
        ),
        ("teams.csv", f"{TEAM}\nt1,Blue,squad,,,,\n", "column type value 'squad'"),
        ("teams.csv", f"{TEAM}\nt1,Blue,stream,,,,\nt2,Blue,stream,,,,\n", "row 2 column name value 'Blue'"),
        ("teams.csv", f'{TEAM}\nt1,"Blue,stream,,,,\n', "teams.csv: is not CSV"),
        (
            "policy.yml",
            "reporting_time_zone: Mars/Olympus\nreporting_currency: EUR\n",
            "zone like Europe/Berlin",
        ),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: euro\n",
            "reporting_currency value 'euro'",
        ),
        ("policy.yml", "reporting_time_zone: UTC\n", "policy.yml column reporting_currency: Field required"),
        ("policy.yml", "reporting_time_zone: UTC\nreporting_currency: EUR\nx: 1\n", "policy.yml column x value '1'"),
        ("policy.yml", "[1, 2]", "must be lines like"),
        (
            "policy.yml",
            "reporting_time_zone: UTC\nreporting_currency: EUR\nshared_device_users: 1\n",
            "policy.yml column shared_device_users value '1': Input should be greater than or equal to 2",
        ),
        (
            "product_map.csv",
            f"{MAP}\namplitude,page,A,exact,p1,1,,,\n",
            "'page': must be one of event, project, exposure",
        ),
        (
            "customers.csv",
            f"{CUSTOMER}\nc1,Acme,,smb,,,,,\n",
            "segment value 'smb': must be a code of segments.csv, or",
        ),
        ("customers.csv", f"{CUSTOMER}\nc1,Acme,c9,,,,,,\n", "value 'c9': must be another customer_id of this file"),
        ("customers.csv", f"{CUSTOMER}\nc1,A,,,,,,,\nc1,B,,,,,,2026-01-01,\n", "same time as row 1"),
        ("customer_map.csv", f"{KEYS}\namplitude,acct_1,c1,,\n", "'c1': must be a customer_id of customers.csv"),
        ("customer_map.csv", f"{KEYS}\nerp,acct_1,c1,,\n", "source value 'erp': must be one of jira, amplitude"),
        (
            "worker_map.csv",
            "source,key,worker_id,valid_from,valid_to\nstripe,a,w1,,\n",
            "'stripe': must be one of jira",
        ),
        (
            "segments.csv",
            "code,name\nsmb,Small\nsmb,Mid\n",
            "row 2 column code value 'smb': must not stand in two rows",
        ),
        ("policy.yml", "a: [", "is not YAML"),
    ],
)
def test_a_bad_file_is_refused_by_row_and_column_and_nothing_lands(
    company: Path, file: str, content: str, message: str
) -> None:
    (company / file).write_text(content)
    with pytest.raises(FileError) as caught:
        load()
    assert str(caught.value).startswith(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert all(landed_rows("files", stream.name) == [] for stream in SOURCES["files"].streams)
    assert [finding.ok for finding in SOURCES["files"].check()] == [False]


@pytest.mark.parametrize(
    "rows",
    [
        "jira,project,A,exact,p1,1,,2026-01-01,\njira,project,A,exact,p1,1,2026-01-01,,\n",
        "jira,project,A,exact,p1,1,,2026-01-01,\n"
        "jira,project,A,exact,p1,0.5,2026-02-01,,\njira,project,A,exact,p2,0.5,2026-02-01,,\n",
        "jira,project,A,exact,p1,1,,,\njira,project,A,prefix,p1,1,,,\njira,epic,A-1,glob,p2,1,,,\n",
        "jira,project,A,exact,p1,0.333333,,,\njira,project,A,exact,p2,0.666667,,,\n",
    ],
)
def test_lawful_changes_of_a_mapping_are_accepted(company: Path, rows: str) -> None:
    (company / "product_map.csv").write_text(f"{MAP}\n{rows}")
    assert load()["product_map"][0] == rows.count("\n")


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
