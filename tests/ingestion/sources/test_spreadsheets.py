"""Workbooks and Google's spreadsheet: the same rows as from CSV, or one line that names the place."""

import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestion.errors import FileError, ProdopsError, SettingsError, SourceError
from ingestion.sources import SOURCES, LoadOptions, load_source
from ingestion.sources.files.checks import CompanyFiles
from sandbox import files
from sandbox.company import Company as MadeUp
from sandbox.server import Sandbox, app, serve_in_thread
from sandbox.vendors.sheets import SPREADSHEET_ID, Percent, Sheets, typed
from tests.ingestion.sources import company_folder
from tests.ingestion.sources.company_folder import CHECKINS, SHARES, TEAM
from tests.ingestion.sources.vendor_site import NOW, QUICK
from tests.sandbox.conftest import made


def load() -> dict[str, tuple[int, int]]:
    return {one.stream: (one.landed, one.deleted) for one in load_source("files", LoadOptions(), lambda _: None)}


def save(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def header(columns: str) -> list[str]:
    return columns.split(",")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = company_folder.write(tmp_path / "company")
    (folder / "teams.csv").unlink()
    return folder


@contextmanager
def serving(tmp_path: Path, environment: pytest.MonkeyPatch, *faults: dict[str, Any]) -> Iterator[Sandbox]:
    """The company's spreadsheet over HTTP; of its files only those that are no tables."""
    made_up = made(1)
    folder = tmp_path / "company"
    files.write(made_up, folder, NOW)
    for path in [*folder.glob("*.csv"), folder / "okrs.yml"]:
        path.unlink()
    environment.setenv("PRODOPS_COMPANY", str(folder))
    environment.setenv("PRODOPS_NOW", NOW)
    sandbox = app(made_up, NOW, faults)
    with serve_in_thread(sandbox) as url:
        key = tmp_path / "key.json"
        key.write_text(json.dumps(google(sandbox).key_file(url)))
        key.chmod(0o600)
        settings = {"BASE_URL": f"{url}/sheets", "SPREADSHEET_ID": SPREADSHEET_ID, "SERVICE_ACCOUNT": str(key)}
        for name, value in {**QUICK, **settings}.items():
            environment.setenv(f"SOURCES__FILES__{name}", value)
        yield sandbox


def google(sandbox: Sandbox) -> Sheets:
    found = sandbox.vendors["sheets"]
    assert isinstance(found, Sheets)
    return found


def test_one_company_lands_the_same_rows_from_csv_workbooks_and_google(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path, monkeypatch) as sandbox:
        checkins = made(1).rows("checkins", NOW)
        place = next(place for place, row in enumerate(checkins, 1) if row["kr_id"].endswith("KR3"))  # in percent
        percentage = Percent(float(Decimal(checkins[place - 1]["value"]) / 100))
        google(sandbox).typed_over["checkins", place, 2] = percentage
        first = load()
        assert first["product_map"][0] > 50
        assert first["key_results"][0] > 5
        folder = tmp_path / "company"
        for name in ("SPREADSHEET_ID", "SERVICE_ACCOUNT", "BASE_URL"):
            monkeypatch.delenv(f"SOURCES__FILES__{name}")
        files.write(made(1), folder, NOW, again=True)
        assert set(load().values()) == {(0, 0)}, "CSV"
        kinds = set()
        for path in sorted({*folder.glob("*.csv")} - {folder / "fx_rates.csv"}):  # which is no table of this page
            rows = made(1).rows(path.stem, NOW)
            cells = [[typed(text) for text in row.values()] for row in rows]
            kinds |= {type(cell) for line in cells for cell in line}
            save(path.with_suffix(".xlsx"), [list(rows[0]), *cells])
            path.unlink()
        assert kinds == {str, int, float, date, type(None)}
        assert set(load().values()) == {(0, 0)}, "workbooks"
        asked = [(line["method"], line["path"].rsplit("/", 1)[-1]) for line in sandbox.log]
        batch = ("GET", "values:batchGet")
        assert asked == [("POST", "token"), ("GET", SPREADSHEET_ID), batch, batch, batch]


def test_a_workbooks_cells_are_the_text_of_its_csv(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "whatever"
    sheet.append(header(SHARES))
    sheet.append(["t1", "p1", 0.1 + 0.2, datetime(2025, 1, 1), date(2026, 1, 1)])
    sheet.append(["t1", " p2 ", 0.7, date(2025, 1, 1), "2026-01-01"])
    sheet.append([7, "p1", True, "2025-01-01", None])
    sheet.row_dimensions[2].hidden = True
    for row in range(5, 40):
        sheet.cell(row, 1).number_format = "0.00"
    book.create_sheet("notes").append(["not read"])
    book.create_sheet("secret", 0).sheet_state = "hidden"
    book.save(folder / "team_products.xlsx")
    save(folder / "teams.xlsx", [header(TEAM), ["t1", "Blue", "stream"], [7, 8.0, "platform"]])
    with pytest.raises(FileError, match=r"^team_products\.xlsx row 3 column share value 'TRUE': "):
        CompanyFiles(folder, {})
    sheet["C4"] = 1
    book.save(folder / "team_products.xlsx")
    tables = CompanyFiles(folder, {}).tables
    assert [list(text.values()) for text in tables["team_products"].texts] == [
        ["t1", "p1", "0.3", "2025-01-01", "2026-01-01"],
        ["t1", "p2", "0.7", "2025-01-01", "2026-01-01"],
        ["7", "p1", "1", "2025-01-01", ""],
    ]
    assert [text["name"] for text in tables["teams"].texts] == ["Blue", "8"]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ([date(2026, 3, 4), "Blue", "stream"], r"row 1 column team_id value '2026-03-04': the spreadsheet made a date"),
        (["t1", time(9, 30), "stream"], r"row 1 column name value '09:30:00': must not be a time of day"),
        (["t1", 2**60, "stream"], r"row 1 column name value '1\.15292150460685e\+18': has more digits than the 15"),
        (["t1", "#REF!", "stream"], r"row 1 column name value '#REF!': is an error of the spreadsheet; mend"),
        (["t1", "=A1&A2", "stream"], r"row 1 column name value '=A1&A2': has no saved value; open the file"),
        (["t1", "Blue", "squad"], r"row 1 column type value 'squad': must be 'stream', 'platform' or"),
        (["t1", "Blue", "stream", None, None, datetime(2026, 1, 1, 9)], r"row 1 .*T09:00:00': must be a day"),
        (["t1", "Blue", "stream", None, None, 46023], r"row 1 column valid_from value '46023': must be a day like"),
        (["t1", "Blue", "stream", None, None, None, None, "?"], r"row 1: must have 7 values, but has 8"),
    ],
)  # fmt: skip
def test_a_cell_that_means_something_else_than_it_shows_is_named(folder: Path, row: list[Any], error: str) -> None:
    save(folder / "teams.xlsx", [header(TEAM), row])
    with pytest.raises(FileError, match=rf"^teams\.xlsx {error}"):
        CompanyFiles(folder, {})


def test_a_formula_counts_by_the_value_saved_with_it(folder: Path) -> None:
    path = save(folder / "teams.xlsx", [header(TEAM), ["t1", "=A9", "stream", "=B9"]])
    compute(path, {"B2": ("<v>Blue</v>", "str"), "D2": ("<v></v>", "str")})
    assert CompanyFiles(folder, {}).tables["teams"].texts[0] | {"name": "Blue", "function": ""} == {
        **dict.fromkeys(header(TEAM), ""), "team_id": "t1", "name": "Blue", "type": "stream",
    }  # fmt: skip


def test_a_percentage_of_a_goal_is_what_its_cell_shows(folder: Path) -> None:
    """A failure here scores 45 % as 0.45 of a hundred. Shares of teams stay the numbers that they are."""
    goals = "cycles: [{id: Q, name: Q, start: 2026-01-01, end: 2026-04-01}]\n"
    goals += "objectives: [{id: O, cycle: Q, name: O, owner: ada}]\nkey_results:\n"
    for name, unit in (("K", "percent"), ("L", "ratio")):
        goals += f"- {{id: {name}, objective: O, name: {name}, type: increase, unit: {unit}, start: 0, target: 50,"
        goals += " weight: 1, metric: manual}\n"
    (folder / "okrs.yml").write_text(goals)
    book = openpyxl.Workbook()
    for row in (header(CHECKINS), ["K", date(2026, 2, 9), 0.45, "hana"], ["K", date(2026, 2, 10), 0.455, "hana"]):
        book.active.append(row)
    book.active.append(["K", date(2026, 2, 11), 46, "hana"])
    book.active["C2"].number_format, book.active["C3"].number_format = "0%", '0.00%;[Red]"%"0'
    book.active["C4"].number_format = '0" %"'
    book.save(folder / "checkins.xlsx")
    shares = openpyxl.Workbook()
    shares.active.append(header(SHARES))
    shares.active.append(["t1", "p1", 1, date(2025, 1, 1)])
    shares.active["C2"].number_format = "0%"
    shares.save(folder / "team_products.xlsx")
    save(folder / "teams.xlsx", [header(TEAM), ["t1", "Blue", "stream"]])
    tables = CompanyFiles(folder, {}).tables
    assert [text["value"] for text in tables["checkins"].texts] == ["45", "45.5", "46"]
    assert tables["team_products"].texts[0]["share"] == "1"
    book.active["A3"] = "L"
    book.save(folder / "checkins.xlsx")
    with pytest.raises(FileError, match=r"^checkins\.xlsx row 2 column value value '45\.5%': is a percentage, but"):
        CompanyFiles(folder, {})
    (folder / "checkins.xlsx").unlink()
    (folder / "checkins.csv").write_text(f"{CHECKINS}\nK,2026-02-09,45 %,hana\nK,2026-02-10,by 10 %,hana\n")
    with pytest.raises(FileError, match=r"^checkins\.csv row 2 column value value 'by 10 %': must be the number"):
        CompanyFiles(folder, {})
    (folder / "checkins.csv").write_text(f"{CHECKINS}\nK,2026-02-09,45 %,hana\n")
    assert CompanyFiles(folder, {}).tables["checkins"].texts[0]["value"] == "45"


def compute(path: Path, values: dict[str, tuple[str, str]]) -> None:
    """Puts values beside formulas, as a program does that computes."""

    def computed(text: str) -> str:
        for place, (value, kind) in values.items():
            head, rest = text.split(f'<c r="{place}"', 1)
            text = f'{head}<c r="{place}" t="{kind}"{rest.replace("<v />", value, 1).replace("<v></v>", value, 1)}'
        return text

    rewrite(path, "xl/worksheets/sheet1.xml", computed)


def rewrite(path: Path, part: str, change: Callable[[str], str]) -> None:
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)


def adding(end: str) -> Callable[[str], str]:
    return lambda text: text.replace("</sheetData>", end)


def bomb(text: str) -> str:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 50}">' for n in range(9))
    return f"<!DOCTYPE worksheet [{entities}]>" + text.split("?>", 1)[-1].replace("Blue", "&e8;")


@pytest.mark.parametrize(
    ("part", "change", "error"),
    [
        ("xl/worksheets/sheet1.xml", bomb, "is no XLSX workbook that can be read"),
        ("xl/worksheets/sheet1.xml", lambda text: text + " " * 2**26, "inflates to more than 64 MB"),
        ("xl/workbook.xml", lambda text: text.replace("<sheets>", "<sheets"), "is no XLSX workbook that can be read"),
        ("xl/workbook.xml", lambda text: text.replace('state="visible"', 'state="hidden"'), "is no XLSX workbook"),
        (
            "xl/worksheets/sheet1.xml",
            adding('<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'),
            "row 100001: has more than 100000 rows",
        ),
        (
            "xl/worksheets/sheet1.xml",
            lambda text: text.replace("</row></sheetData>", '<c r="XFD2"><v>1</v></c></row></sheetData>'),
            "row 1: has values in more than 200 columns",
        ),
        (
            "xl/worksheets/sheet1.xml",
            adding('</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
            "the cells A1:XFD1048576 are merged; split them",
        ),
    ],
    ids=["entities", "large", "garbled", "all hidden", "last row", "last column", "merged"],
)  # fmt: skip
def test_a_workbook_that_does_harm_is_refused_at_once(
    folder: Path, part: str, change: Callable[[str], str], error: str
) -> None:
    path = save(folder / "teams.xlsx", [header(TEAM), ["t1", "Blue", "stream"]])
    rewrite(path, part, change)
    with pytest.raises(FileError, match=rf"^teams\.xlsx:? {error}"):
        CompanyFiles(folder, {})


def test_what_is_no_workbook_is_refused(folder: Path) -> None:
    for content in (b"", b"PK", b"\xd0\xcf\x11\xe0 with a password", b"a,b\n"):
        (folder / "teams.xlsx").write_bytes(content)
        with pytest.raises(FileError, match=r"^teams\.xlsx: is no XLSX workbook that can be read, or has a password"):
            CompanyFiles(folder, {})


def test_a_table_is_kept_in_one_place(folder: Path) -> None:
    save(folder / "teams.xlsx", [header(TEAM), ["t1", "Blue", "stream"]])
    tab = {"teams": [header(TEAM), ["t1", "Blue", "stream"]]}
    with pytest.raises(FileError, match=r"^tab teams: stands beside teams\.xlsx; keep the table in one place"):
        CompanyFiles(folder, tab)
    (folder / "teams.csv").write_text(f"{TEAM}\nt1,Blue,stream,,,,\n")
    with pytest.raises(FileError, match=r"^teams\.xlsx: stands beside teams\.csv"):
        CompanyFiles(folder, {})
    (folder / "teams.xlsx").unlink()
    (folder / "okrs.yml").write_text(company_folder.OKRS)
    save(folder / "okr_cycles.xlsx", [["id", "name", "start", "end"], ["c", "C", date(2026, 1, 1), date(2026, 4, 1)]])
    with pytest.raises(FileError, match=r"^okr_cycles\.xlsx: stands beside okrs\.yml cycles"):
        CompanyFiles(folder, {})


def typed_over(row: int, column: int, cell: Any) -> Callable[[Sheets], None]:
    return lambda sheets: sheets.typed_over.update({("teams", row, column): cell})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (typed_over(0, 1, "title"), r"^tab teams column title: the header must be team_id,name,type"),
        (typed_over(2, 0, date(2026, 3, 4)), r"^tab teams row 2 column team_id value '2026-03-04': the spreadsheet"),
        (typed_over(2, 2, "squad"), r"^tab teams row 2 column type value 'squad': must be 'stream'"),
        (typed_over(2, 1, "#N/A"), r"^tab teams row 2 column name value '#N/A': is an error of the spreadsheet"),
        (typed_over(2, 5, 46023), r"^tab teams row 2 column valid_from value '46023': must be a day like"),
        (typed_over(2, 1, None), r"^tab teams row 2 column name value '': "),
        (typed_over(2, 9, "remark"), r"^tab teams row 2: must have 7 values, but has 10"),
        (
            lambda sheets: sheets.merges.update(teams=[{"startRowIndex": 2, "endRowIndex": 4}]),
            r"^tab teams row 2: has merged cells; split and fill them",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_tab_is_named_and_nothing_lands(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Sheets], None], error: str
) -> None:
    with serving(tmp_path, monkeypatch) as sandbox:
        change(google(sandbox))
        with pytest.raises(FileError, match=error):
            load()


def test_rows_below_what_is_typed_are_none(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, monkeypatch) as sandbox:
        google(sandbox).typed_over[("teams", 400, 3)] = " "
        assert load()["teams"][0] == len(made(1).rows("teams", NOW))


def test_an_edit_between_the_two_readings_is_not_half_landed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = {"fault": "advance", "source": "sheets", "path": "batchGet", "nth": 2, "seconds": 60 * 86_400}
    with (
        serving(tmp_path, monkeypatch, later),
        pytest.raises(SourceError, match=r"^files\.spreadsheet: somebody edited the spreadsheet while it was read"),
    ):
        load()


def test_a_spent_quota_is_waited_for(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spent = {"fault": "status", "source": "sheets", "path": "batchGet", "count": 3, "status": 429}
    with serving(tmp_path, monkeypatch, spent) as sandbox:
        assert load()["teams"][0] > 0
        statuses = [line["status"] for line in sandbox.log if "batchGet" in line["path"]]
        assert statuses == [429, 429, 429, 200, 200, 200]


def unshare(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    google(sandbox).is_shared = False


def misname(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    environment.setenv("SOURCES__FILES__SPREADSHEET_ID", "another")


def replace_key(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    content = json.loads(key.read_text())
    another = Sheets(MadeUp.__new__(MadeUp)).key_file("http://127.0.0.1")
    key.write_text(json.dumps({**content, "private_key": another["private_key"]}))


def open_key(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    key.chmod(0o644)


def garble_key(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    key.write_text('{"type": "service_account"}')


def forget_key(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    environment.delenv("SOURCES__FILES__SERVICE_ACCOUNT")


def lead_astray(sandbox: Sandbox, environment: pytest.MonkeyPatch, key: Path) -> None:
    key.write_text(json.dumps({**json.loads(key.read_text()), "token_uri": "http://tokens.example.com/"}))


@pytest.mark.parametrize(
    ("change", "kind", "error"),
    [
        (unshare, SourceError, r"\(status 403\): share the spreadsheet with prodops@sandbox\.iam"),
        (misname, SourceError, r"\(status 404\): there is no such spreadsheet; check SOURCES__FILES__SPREADSHEET_ID"),
        (replace_key, SourceError, r"Google does not let prodops@sandbox\S* in; make a new key"),
        (open_key, SettingsError, r"key\.json: holds secrets but others can read it; run: chmod 600 /.*/key\.json"),
        (garble_key, SettingsError, r"SOURCES__FILES__SERVICE_ACCOUNT: is no key file of a service account"),
        (lead_astray, SettingsError, r"SOURCES__FILES__SERVICE_ACCOUNT: is no key file of a service account"),
        (forget_key, SettingsError, r"SOURCES__FILES__SERVICE_ACCOUNT: missing; set it in the environment"),
    ],
)
def test_who_may_not_read_is_reported_what_to_do(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, kind: type[ProdopsError], error: str
) -> None:
    with serving(tmp_path, monkeypatch) as sandbox:
        change(sandbox, monkeypatch, tmp_path / "key.json")
        with pytest.raises(kind, match=error) as caught:
            load()
        assert "PRIVATE KEY" not in str(caught.value)
        found = SOURCES["files"].check()
        assert [finding.ok for finding in found] == [False]
