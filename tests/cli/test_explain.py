"""What prodops explain prints, and what it needs."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cli import explain
from cli.explain import Explained
from serving import frozen
from serving.causes import Cause, Changed
from serving.published import Snapshot
from tests.orchestration.conftest import prodops
from tests.runbook import drill

FOUND = Explained(
    Decimal("100.00"),
    Decimal("90.50"),
    {Cause.LATE: Decimal("2.50"), Cause.FX: Decimal("-12.00")},
    [
        Changed("stripe/invoices", Cause.LATE, 7, ("in_1", "in_2")),
        Changed("bamboohr/compensation", Cause.LATE, 1, ()),
        Changed("fx/rates", Cause.FX, 1, ("2026-01-05",)),
    ],
)
PACK = Snapshot(Path(), {"snapshot_id": "S-1"})


def test_then_each_cause_and_now_with_the_records_behind(capsys: pytest.CaptureFixture[str]) -> None:
    explain.show("arr of FY26-Q2, all", PACK, FOUND, "text")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "arr of FY26-Q2, all: why it changed"
    assert [line.split()[0] for line in lines[1:6]] == ["cause", "then", "late", "fx", "now"]
    assert lines[3].split() == ["late", "data", "+2.5", "8"]
    assert lines[4].split() == ["fx", "-12", "1"]
    behind = "stripe/invoices 7: in_1, in_2, …; bamboohr/compensation 1"
    assert f"late data (records that were not there): {behind}" in lines
    explain.show("arr of FY26-Q2, all", PACK, FOUND, "json")
    rows = json.loads(capsys.readouterr().out)["causes"]
    assert [(row["cause"], row["value"], row["records"]) for row in rows] == [
        ("then", "100.00", None),
        ("late data", "2.50", 8),
        ("fx", "-12.00", 1),
        ("now", "90.50", None),
    ]


def test_a_figure_that_nothing_changed_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    explain.show("arr", PACK, Explained(Decimal(1), Decimal(1), {}, []), "text")
    assert "nothing that this figure is built from changed" in capsys.readouterr().out


def project(folder: Path, **files: str) -> Path:
    """A dbt project of these models, ``board`` made from the registry."""
    for name, text in files.items():
        path = folder / ("macros/board.sql" if name == "board" else f"models/{name}.sql")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{explain.GENERATED.decode()}metrics.yml #}}{text}" if name == "board" else text)
    return folder


def texts(folder: Path) -> list[str]:
    return [path.read_text()[-1] for path in frozen.files_of(folder)]


def test_models_and_what_the_registry_says_are_two_causes_and_each_is_mixed_with_the_other_side(tmp_path: Path) -> None:
    """A failure here calls a metric that was defined anew a mistake of a model, or the other way round."""
    then = project(tmp_path / "then", board="1", mart="1", gone="1", same="1")
    now = project(tmp_path / "now", board="2", mart="2", new="2", same="1")
    folders, differing = explain.folders_of(then, now, tmp_path / "mixed")
    assert differing == {
        Cause.DEFINITION: ["macros/board.sql"],
        Cause.CODE: ["models/gone.sql", "models/mart.sql", "models/new.sql"],
    }
    found = {causes: texts(folder) for causes, folder in folders.items()}  # board, then models by name
    assert found == {
        frozenset(): ["1", "1", "1", "1"],
        frozenset([Cause.DEFINITION]): ["2", "1", "1", "1"],
        frozenset([Cause.CODE]): ["1", "2", "2", "1"],
        frozenset([Cause.DEFINITION, Cause.CODE]): ["2", "2", "2", "1"],
    }
    folders, differing = explain.folders_of(then, now, tmp_path / "mixed", is_apart=False)
    assert folders == {frozenset(): then, frozenset([Cause.CODE]): now}
    assert len(differing[Cause.CODE]) == 4
    assert explain.folders_of(now, now, tmp_path / "mixed") == ({frozenset(): now}, {})


def test_without_a_pack_there_is_nothing_to_explain(new_home: Callable[[], Path]) -> None:
    reported = prodops(new_home(), "explain", "--pack", "FY26-Q2", "--metric", "arr")
    drill("FrozenError", reported.exit_code, reported.stderr)
