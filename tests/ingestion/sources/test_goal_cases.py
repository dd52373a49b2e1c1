"""What the company's files can say of goals, or refuse in one line: cases of tests/cases/goals.

The cases were written by hand; no figure in them comes from a rule of ours. Does not: progress and scores (tests/dbt).
"""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from ingestion.errors import FileError
from ingestion.sources.files.checks import CompanyFiles
from tests.ingestion.sources import company_folder
from tests.ingestion.sources.company_folder import CHECKINS, DECISIONS

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[2] / "cases/goals").glob("*.json")
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return company_folder.write(tmp_path / "company")


def keep(folder: Path, files: dict[str, Any]) -> None:
    """The files of a case as a company keeps them."""
    (folder / "okrs.yml").write_text(yaml.safe_dump(files["okrs.yml"]))
    checkins = files["checkins.csv"]
    if not isinstance(checkins, str):
        checkins = f"{CHECKINS}\n" + "".join(",".join(row.values()) + "\n" for row in checkins)
    (folder / "checkins.csv").write_text(checkins)


def refused(folder: Path) -> str:
    """The one line with which the files are refused; what is wrong holds up the goals alone."""
    with pytest.raises(FileError) as caught:
        CompanyFiles(folder, {})
    (held,) = CompanyFiles(folder, {}, hold=True).held
    assert held[0] == "goals"
    return str(caught.value)


def test_g02_a_start_that_is_the_target_is_refused_by_its_row_with_the_type_to_use(folder: Path) -> None:
    given = CASES["g02"]["input"]
    keep(folder, given["as increase"])
    line = refused(folder)
    assert line.startswith("okrs.yml key_results row 1 column target value '0': ")
    assert ("stay-above" in line, "stay-below" in line) == (True, True)
    keep(folder, given["as stay-below"])
    assert CompanyFiles(folder, {}).tables["key_results"].rows[0].type == "stay-below"


def test_g06_a_percentage_is_what_its_cell_shows_and_a_change_is_not_guessed(folder: Path) -> None:
    given = CASES["g06"]["input"]
    keep(folder, given)
    text = CompanyFiles(folder, {}).tables["checkins"].texts
    (folder / "checkins.csv").unlink()
    book, cell = openpyxl.Workbook(), given["checkins.xlsx"]["C2"]
    for row in (CHECKINS.split(","), ["K", "2026-02-09", cell["stored"], "hana"]):
        book.active.append(row)
    book.active["C2"].number_format = cell["number_format"]
    book.save(folder / "checkins.xlsx")
    assert CompanyFiles(folder, {}).tables["checkins"].texts == text
    assert text[0]["value"] == "45", "(45 - 40) / (50 - 40) is 0.5"
    (result,) = given["okrs.yml"]["key_results"]
    for said, line in (
        ("", "column target value '': must be a number for type increase"),
        ("by 10 %", "column target value 'by 10 %': must be the number itself"),
        ("+10%", "column target value '+10%': must be the number itself"),
    ):
        (folder / "okrs.yml").write_text(
            yaml.safe_dump(given["okrs.yml"] | {"key_results": [result | {"target": said}]})
        )
        assert f"okrs.yml key_results row 1 {line}" in refused(folder)


def test_g07_check_ins_of_any_day_are_kept(folder: Path) -> None:
    keep(folder, CASES["g07"]["input"])
    assert len(CompanyFiles(folder, {}).tables["checkins"].rows) == 5


def test_g10_a_key_result_whose_row_is_gone_does_not_refuse_its_check_ins(folder: Path) -> None:
    given = CASES["g10"]["input"]["first"]
    kept = [row for row in given["okrs.yml"]["key_results"] if row["id"] != "B"]
    keep(folder, given | {"okrs.yml": given["okrs.yml"] | {"key_results": kept}})
    assert [row.kr_id for row in CompanyFiles(folder, {}).tables["checkins"].rows] == ["A", "A", "B"]
    status = {"status": "cancelled", "status_date": "2026-02-15"}
    said = [row | (status if row["id"] == "B" else {}) for row in given["okrs.yml"]["key_results"]]
    keep(folder, given | {"okrs.yml": given["okrs.yml"] | {"key_results": said}})
    assert [row.status for row in CompanyFiles(folder, {}).tables["key_results"].rows] == [None, "cancelled"]


def test_g25_a_decision_before_its_data_and_one_that_is_withdrawn_are_accepted(folder: Path) -> None:
    rows = [row | {"withdrawn_at": ""} for row in CASES["g25"]["input"]["decisions.csv"]]
    for row in rows:
        row["withdrawn_at"] = "2026-02-20T09:00:00Z" if row["decision_id"] == "W" else ""
    text = f"{DECISIONS},withdrawn_at\n" + "".join(",".join(row.values()) + "\n" for row in rows)
    (folder / "decisions.csv").write_text(text)
    assert len(CompanyFiles(folder, {}).tables["decisions"].rows) == 5


def test_g27_two_objectives_below_one_and_a_key_result_below_two(folder: Path) -> None:
    given = CASES["g27"]["input"]
    cycle = {"id": "Q1", "name": "Q1", "start": "2026-01-01", "end": "2026-04-01"}
    objectives = [{"id": name, "cycle": "Q1", "name": name, "owner": "ada"} for name in ("OT", "O1", "O2")]
    said = [
        one | ({"parent": "OT", "link": "contribute"} if one["id"] in given["objectives"] else {}) for one in objectives
    ]
    number = {"type": "increase", "start": "0", "target": "10", "weight": "1", "metric": "manual"}
    results = [{"id": name, "objective": of, "name": name} | number for name, of in given["key_results"].items()]
    parents = [{"child": "K1", "parent": "O2", "link": "contribute", "share": "0.3"}]
    okrs = {"cycles": [cycle], "objectives": said, "key_results": results, "parents": parents}
    keep(folder, {"okrs.yml": okrs, "checkins.csv": []})
    tables = CompanyFiles(folder, {}).tables
    assert [row.parent for row in tables["objectives"].rows] == [None, "OT", "OT"]
    assert len(tables["goal_parents"].rows) == 1
